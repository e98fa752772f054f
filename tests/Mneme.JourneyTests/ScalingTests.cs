using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Mneme.JourneyTests.Support;
using Mneme.Platform.Persistence.Cluster;
using Npgsql;

namespace Mneme.JourneyTests;

/// <summary>Several instances of every service on one database server and one broker, some of which are killed all the time: what was acknowledged is stored, and has its effects, exactly once.</summary>
public sealed class ScalingTests(ITestOutputHelper output)
{
    private static readonly string[] Services = ["ai", "capture", "channels", "identity", "notify", "progress", "study"];

    [Fact]
    public Task Two_instances_of_each_service_under_load_and_random_kills_lose_nothing_and_do_nothing_twice() =>
        RunAsync(Topology.SplitOverRabbitMq, instances: 2, kills: 6, seed: 20_261_121);

    // Each takes a minute and a half; what differs between brokers is in their conformance suite.
    [Theory]
    [InlineData(Topology.SplitOverKafka)]
    [InlineData(Topology.SplitOverRedis)]
    [Trait("tier", "soak")]
    public Task Two_instances_of_each_service_over_the_other_brokers(Topology topology) => RunAsync(topology, instances: 2, kills: 6, seed: 20_261_121);

    [Theory]
    [InlineData(Topology.SplitOverRabbitMq)]
    [InlineData(Topology.SplitOverKafka)]
    [InlineData(Topology.SplitOverRedis)]
    [Trait("tier", "soak")]
    public Task Three_instances_of_each_service_under_load_and_random_kills_lose_nothing_and_do_nothing_twice(Topology topology) =>
        RunAsync(topology, instances: 3, kills: 60, Random.Shared.Next());

    private async Task RunAsync(Topology topology, int instances, int kills, int seed)
    {
        output.WriteLine($"seed {seed}");
        using var data = new DataFolder();
        using var serverData = new DataFolder();
        Directory.CreateDirectory(serverData.Path);
        await using var server = await PrivateCluster.StartAsync(
            new PrivateClusterOptions { DataFolder = serverData.Path, Connections = PrivateClusterOptions.MaxConnections * instances }, NullLogger.Instance, TimeProvider.System, CancellationToken.None);
        await using var mneme = await MnemeProcess.StartAsync(
            data.Path, topology,
            ("Database__Url", server.ConnectionString("postgres")), ("Split__Instances__all", instances.ToString(CultureInfo.InvariantCulture)), ("Gateway__HealthInterval", "00:00:00.500"),
            ("Http__RequestsPerMinutePerUser", "1000000"), ("Http__RequestsPerMinutePerAddress", "1000000"), ("Identity__TakenAddressesPerHour", "100000"), ("Identity__RegistrationsPerHour", "100000"));
        await Eventually.TrueAsync(() => Task.FromResult(mneme.Processes().Count == Services.Length * instances + 1), "all processes are printed, which happens after the address");

        using var load = new MixedLoad(mneme, seed, workers: 4);
        var isOver = false;
        var running = load.RunUntilAsync(() => Volatile.Read(ref isOver));
        var start = Stopwatch.GetTimestamp();
        await KillAsync(mneme, load, running, kills, new Random(seed));
        var lastKill = Stopwatch.GetTimestamp();
        await ReadyAsync(mneme);
        output.WriteLine($"everything is ready {Stopwatch.GetElapsedTime(lastKill).TotalSeconds:0.0} s after the last kill");
        await ProceedAsync(load, running, acts: 40);
        Volatile.Write(ref isOver, true);
        await running;
        output.WriteLine(FormattableString.Invariant(
            $"{load.Acknowledged} acts in {Stopwatch.GetElapsedTime(start).TotalSeconds:0} s, {load.Failed} attempts repeated, the slowest act took {load.Longest.TotalSeconds:0.0} s, {kills} kills"));

        await new Ledger(server, [.. load.People]).VerifyAsync();
        await ReadersAgreeAsync(mneme, load.People.First());
    }

    private static async Task KillAsync(MnemeProcess mneme, MixedLoad load, Task running, int kills, Random random)
    {
        for (var killed = 0; killed < kills;)
        {
            await ProceedAsync(load, running, acts: random.Next(10, 60));
            var names = mneme.Processes().Keys.Order(StringComparer.Ordinal).ToList();
            // One that is down already is left to come back.
            if (mneme.TryKillGroup(names[random.Next(names.Count)]))
                killed++;
        }
    }

    private static async Task ProceedAsync(MixedLoad load, Task running, int acts)
    {
        var goal = load.Acknowledged + acts;
        await Eventually.TrueAsync(
            async () =>
            {
                // It never ends by itself, except by an error.
                if (running.IsCompleted)
                    await running;
                return load.Acknowledged >= goal;
            },
            "acts are acknowledged");
    }

    private static async Task ReadyAsync(MnemeProcess mneme)
    {
        using var client = new HttpClient();
        await Eventually.TrueAsync(
            async () =>
            {
                foreach (var (address, _) in mneme.Processes().Values)
                {
                    try
                    {
                        using var response = await client.GetAsync(new Uri(address, "/health/ready"));
                        if (response.StatusCode != HttpStatusCode.OK)
                            return false;
                    }
                    catch (HttpRequestException)
                    {
                        return false;
                    }
                }

                return true;
            },
            "every process is ready");
    }

    /// <summary>Whichever instance is asked, the answer is the same.</summary>
    private static async Task ReadersAgreeAsync(MnemeProcess mneme, Person person)
    {
        foreach (var (path, service) in new[] { ("progress/me", "progress"), ("flashcards?limit=100", "study"), ("captures?limit=100", "capture") })
        {
            var answers = new List<string>();
            foreach (var (_, (address, _)) in mneme.Processes().Where(process => process.Key.Split('-')[0] == service))
            {
                using var client = new HttpClient { BaseAddress = new Uri(address, "/api/v1/"), DefaultRequestHeaders = { Authorization = new("Bearer", person.Token) } };
                answers.Add((await client.GetFromJsonAsync<JsonElement>(path)).GetRawText());
            }

            answers.Count.ShouldBeGreaterThan(1);
            answers.Distinct(StringComparer.Ordinal).ShouldHaveSingleItem($"every instance of {service} answers alike");
        }
    }

    /// <summary>What the databases have to hold after all that was acknowledged.</summary>
    private sealed class Ledger(PrivateCluster server, IReadOnlyList<Person> people)
    {
        private readonly int _reviews = people.Sum(person => person.Reviews);
        private readonly int _captures = people.Sum(person => person.Captures);

        public async Task VerifyAsync()
        {
            // Stored at once, and exactly once.
            (await CountAsync("identity", "users")).ShouldBe(people.Count);
            (await RowsAsync("study", "select user_id, count(*) from review_log group by user_id")).ShouldBe(Expected(person => person.Reviews), ignoreOrder: true);
            (await RowsAsync("study", "select user_id, count(*) from flashcards where origin = 'MANUAL' group by user_id")).ShouldBe(Expected(person => person.Cards.Count), ignoreOrder: true);
            (await RowsAsync("capture", "select user_id, count(*) from captures group by user_id")).ShouldBe(Expected(person => person.Captures), ignoreOrder: true);

            // In the end every event has its effects.
            foreach (var service in Services)
            {
                await Eventually.TrueAsync(async () => await CountAsync(service, "outbox") == 0, $"the outbox of {service} drains");
                (await CountAsync(service, "failed_deliveries where dead_at is not null")).ShouldBe(0, $"{service} has dead letters");
            }

            await Eventually.TrueAsync(async () => await CountAsync("capture", "captures where status <> 'PENDING'") == _captures, "every capture is processed");
            await Eventually.TrueAsync(async () => await CountAsync("progress", "inbox") >= people.Count + _reviews, "progress has heard of everything");
            await Eventually.TrueAsync(async () => await CountAsync("notify", "notifications where status = 'SENT'") >= people.Count, "everybody is welcomed");

            // And has had them once.
            (await CountAsync("capture", "captures where status = 'PROCESSED'")).ShouldBe(_captures);
            (await CountAsync("capture", "inbox")).ShouldBe(_captures, "one result for each capture");
            (await CountAsync("study", "topics where capture_id is not null")).ShouldBe(_captures, "one topic for each capture");
            (await CountAsync("study", "inbox")).ShouldBe(people.Count + _captures);
            (await CountAsync("progress", "inbox")).ShouldBe(people.Count + _reviews);
            (await CountAsync("progress", "profiles")).ShouldBe(people.Count);
            (await RowsAsync("progress", "select user_id, points from scores where points > 0")).ShouldBe(Expected(person => person.Reviews * 10), ignoreOrder: true);
            (await RowsAsync("progress", "select user_id, sum(points)::bigint from daily_activity group by user_id")).ShouldBe(Expected(person => person.Reviews * 10), ignoreOrder: true);
            (await CountAsync("notify", "notifications where kind = 'WELCOME'")).ShouldBe(people.Count);
            foreach (var service in Services)
                (await CountAsync(service, "failed_deliveries")).ShouldBe(0, $"{service} has deliveries that failed");
        }

        private List<(Guid User, long Count)> Expected(Func<Person, int> count) => [.. people.Where(person => count(person) > 0).Select(person => (person.Id, (long)count(person)))];

        private async Task<long> CountAsync(string service, string what)
        {
            await using var connection = await ConnectAsync(service);
            await using var command = new NpgsqlCommand("select count(*) from " + what, connection);
            return (long)(await command.ExecuteScalarAsync())!;
        }

        private async Task<List<(Guid User, long Count)>> RowsAsync(string service, string sql)
        {
            await using var connection = await ConnectAsync(service);
            await using var command = new NpgsqlCommand(sql, connection);
            await using var reader = await command.ExecuteReaderAsync();
            var rows = new List<(Guid, long)>();
            while (await reader.ReadAsync())
                rows.Add((reader.GetGuid(0), reader.GetInt64(1)));
            return rows;
        }

        private async Task<NpgsqlConnection> ConnectAsync(string service)
        {
            var connection = new NpgsqlConnection(server.ConnectionString("mneme_" + service) + ";Pooling=false");
            await connection.OpenAsync();
            return connection;
        }
    }
}
