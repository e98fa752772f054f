using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Mneme.JourneyTests.Support;
using Mneme.Platform.Persistence.Cluster;
using Npgsql;

namespace Mneme.JourneyTests;

/// <summary>Faults under load: what was acknowledged is there afterwards, and nothing counts twice.</summary>
public sealed class OutageTests
{
    private const int Connections = 4;

    /// <summary>Nobody reviews hundreds of cards in a second: the load is not to end at the limit that is meant for such.</summary>
    private static readonly (string, string) NoRateLimit = ("Http__RequestsPerMinutePerUser", "1000000");

    [Theory]
    [InlineData(Topology.InOneProcess)]
    [InlineData(Topology.SplitOverRabbitMq)]
    public async Task PostgreSQL_stopped_at_once_and_started_again_means_503_meanwhile_and_loses_nothing(Topology topology)
    {
        using var data = new DataFolder();
        using var serverData = new DataFolder();
        await using var server = await StartServerAsync(serverData);
        await using var mneme = await MnemeProcess.StartAsync(data.Path, topology, NoRateLimit, ("Database__Url", server.ConnectionString("postgres")));
        using var learner = await Learner.RegisterAsync(mneme, "Ada");
        var load = new Load(learner, await learner.MakeCardsAsync(40));

        await load.RunUntilAsync(() => load.Acknowledged >= 50);
        await server.StopServerAsync(immediate: true);
        await load.RunUntilAsync(() => load.Answers.ContainsKey(HttpStatusCode.ServiceUnavailable));
        using (var anonymous = mneme.Client())
            (await anonymous.GetAsync(new Uri(mneme.Address, "/health/live"))).StatusCode.ShouldBe(HttpStatusCode.OK, "liveness has no dependencies");
        await server.StartServerAsync(CancellationToken.None);
        var before = load.Acknowledged;
        await load.RunUntilAsync(() => load.Acknowledged >= before + 50);

        load.Answers.Keys.ShouldBeSubsetOf([HttpStatusCode.OK, HttpStatusCode.ServiceUnavailable]);
        await ExactlyAsync(server, learner, load.Acknowledged, load.Unanswered);
    }

    [Fact]
    public async Task Two_programs_on_one_server_share_the_work_and_one_killed_loses_nothing()
    {
        using var data = new DataFolder();
        using var serverData = new DataFolder();
        await using var server = await StartServerAsync(serverData);
        (string, string) database = ("Database__Url", server.ConnectionString("postgres"));
        await using var first = await MnemeProcess.StartAsync(data.Path, NoRateLimit, database);
        await using var second = await MnemeProcess.StartAsync(data.Path, NoRateLimit, database);
        using var ada = await Learner.RegisterAsync(first, "Ada");
        var cards = await ada.MakeCardsAsync(40);
        var load = new Load(ada, cards);
        await load.RunUntilAsync(() => load.Acknowledged >= 50);

        await first.KillAsync();
        ada.MoveTo(second);
        var before = load.Acknowledged;
        await load.RunUntilAsync(() => load.Acknowledged >= before + 50);

        load.Answers.Keys.ShouldBe([HttpStatusCode.OK]);
        await ExactlyAsync(server, ada, load.Acknowledged, load.Unanswered);
    }

    [Theory]
    [InlineData(Topology.InOneProcess)]
    [InlineData(Topology.SplitOverRabbitMq)]
    public async Task SIGTERM_under_load_completes_what_was_begun_resets_no_connection_and_exits_with_0(Topology topology)
    {
        using var data = new DataFolder();
        using var serverData = new DataFolder();
        await using var server = await StartServerAsync(serverData);
        await using var mneme = await MnemeProcess.StartAsync(
            data.Path, topology, NoRateLimit, ("Database__Url", server.ConnectionString("postgres")), ("Http__DrainDelay", "00:00:05"));
        using var learner = await Learner.RegisterAsync(mneme, "Ada");
        var load = new Load(learner, await learner.MakeCardsAsync(40));

        // As behind a load balancer: requests come until readiness fails. A connection that the kernel has accepted for a listener that closes cannot be saved.
        var isReady = true;
        var running = load.RunUntilAsync(() => !Volatile.Read(ref isReady));
        await Eventually.TrueAsync(() => Task.FromResult(load.Acknowledged >= 50), "the load runs");
        var ended = mneme.TerminateAsync();
        using (var probe = mneme.Client())
            await Eventually.TrueAsync(async () => !(await probe.GetAsync(new Uri(mneme.Address, "/health/ready"))).IsSuccessStatusCode, "readiness fails first");
        var whenUnready = load.Acknowledged;
        await Eventually.TrueAsync(() => Task.FromResult(load.Acknowledged > whenUnready), "requests are still served then");
        Volatile.Write(ref isReady, false);
        await running;
        (await ended).ShouldBe(0, mneme.Output);

        load.Answers.Keys.ShouldBe([HttpStatusCode.OK]);
        load.Unanswered.ShouldBe(0, "a request that was sent is answered");
        load.Refused.ShouldBe(0, "no connection is refused or reset");
        await using var again = await MnemeProcess.StartAsync(data.Path, topology, ("Database__Url", server.ConnectionString("postgres")));
        learner.MoveTo(again);
        await ExactlyAsync(server, learner, load.Acknowledged, unanswered: 0);
    }

    [Fact]
    public async Task Each_process_of_a_split_installation_killed_under_load_comes_back_and_nothing_is_lost_or_counted_twice()
    {
        using var data = new DataFolder();
        using var serverData = new DataFolder();
        await using var server = await StartServerAsync(serverData);
        await using var mneme = await MnemeProcess.StartAsync(
            data.Path, Topology.SplitOverRabbitMq, NoRateLimit, ("Database__Url", server.ConnectionString("postgres")), ("Gateway__HealthInterval", "00:00:00.500"));
        using var learner = await Learner.RegisterAsync(mneme, "Ada");
        var load = new Load(learner, await learner.MakeCardsAsync(40));
        await load.RunUntilAsync(() => load.Acknowledged >= 50);

        foreach (var target in (string[])["progress", "study", "gateway"])
        {
            mneme.KillGroup(target);
            var before = load.Acknowledged;
            await load.RunUntilAsync(() => load.Acknowledged >= before + 50 && mneme.Output.Contains($"The process of {target} ended", StringComparison.Ordinal));
        }

        // What was answered with an error, or not at all, may have been stored.
        await ExactlyAsync(server, learner, load.Acknowledged, load.Unanswered + load.Answers.Where(answer => answer.Key != HttpStatusCode.OK).Sum(answer => answer.Value));
    }

    private static async Task<PrivateCluster> StartServerAsync(DataFolder data)
    {
        Directory.CreateDirectory(data.Path);
        return await PrivateCluster.StartAsync(new PrivateClusterOptions { DataFolder = data.Path }, NullLogger.Instance, TimeProvider.System, CancellationToken.None);
    }

    /// <summary>The ledger: acknowledged ⊆ stored, and points are ten times what is stored.</summary>
    private static async Task ExactlyAsync(PrivateCluster server, Learner learner, int acknowledged, int unanswered)
    {
        await Eventually.TrueAsync(async () => await QueryAsync(server, "study", "select count(*) from outbox") == 0, "the outbox drains");
        var stored = await QueryAsync(server, "study", "select count(*) from review_log");
        stored.ShouldBeInRange(acknowledged, acknowledged + unanswered);
        // Over a broker an event is on its way for a while after it has left the outbox.
        await Eventually.TrueAsync(async () => await learner.PointsAsync() >= stored * 10, "every review counts");
        (await learner.PointsAsync()).ShouldBe(stored * 10);
        (await QueryAsync(server, "progress", "select sum(points)::bigint from daily_activity")).ShouldBe(stored * 10);
    }

    private static async Task<long> QueryAsync(PrivateCluster server, string service, string sql)
    {
        await using var connection = new NpgsqlConnection(server.ConnectionString("mneme_" + service) + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>Reviews on several connections, and what became of each.</summary>
    private sealed class Load(Learner learner, IReadOnlyList<Guid> cards)
    {
        private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

        private int _acknowledged;
        private int _unanswered;
        private int _refused;

        public int Acknowledged => _acknowledged;

        /// <summary>Sent, and the connection broke: it may or may not have been stored.</summary>
        public int Unanswered => _unanswered;

        /// <summary>Connections that could not be made: nothing was sent.</summary>
        public int Refused => _refused;

        public ConcurrentDictionary<HttpStatusCode, int> Answers { get; } = new();

        public async Task RunUntilAsync(Func<bool> isDone)
        {
            using var limit = new CancellationTokenSource(Limit);
            await Task.WhenAll(Enumerable.Range(0, Connections).Select(connection => Task.Run(async () =>
            {
                for (var i = connection; !isDone(); i += Connections)
                {
                    limit.Token.ThrowIfCancellationRequested();
                    await ReviewAsync(cards[i % cards.Count]);
                }
            })));
        }

        private async Task ReviewAsync(Guid card)
        {
            try
            {
                using var response = await learner.Client.PostAsJsonAsync("flashcards/review", new { flashcardId = card, quality = 4 });
                Answers.AddOrUpdate(response.StatusCode, 1, (_, count) => count + 1);
                if (response.IsSuccessStatusCode)
                    Interlocked.Increment(ref _acknowledged);
            }
            catch (HttpRequestException e) when (e.HttpRequestError == HttpRequestError.ConnectionError)
            {
                Interlocked.Increment(ref _refused);
            }
            catch (HttpRequestException)
            {
                Interlocked.Increment(ref _unanswered);
            }
        }
    }
}
