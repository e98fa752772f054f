using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Mneme.Platform.Persistence;

namespace Mneme.Bench;

/// <summary>
/// <c>./mneme bench review</c>: load on <c>POST /flashcards/review</c> with everything switched on, in turns with the same load on <see cref="BaselineServer"/>, on one
/// PostgreSQL. The ledger is checked at the end: each acknowledged review is in the log, and its points are given.
/// </summary>
internal static class ReviewBench
{
    private const int Connections = 32;
    private const string Path = "/api/v1/flashcards/review";

    private static readonly Option<int> Seconds = new("--seconds") { Description = "Measured time of each side.", DefaultValueFactory = _ => 60 };
    private static readonly Option<int> WarmUp = new("--warm-up") { Description = "Seconds of load on each side before anything is measured.", DefaultValueFactory = _ => 25 };
    private static readonly Option<int> Turns = new("--turns") { Description = "Turns in which each side is measured.", DefaultValueFactory = _ => 4 };
    private static readonly Option<int> Learners = new("--learners") { DefaultValueFactory = _ => 1_000 };
    private static readonly Option<int> Cards = new("--cards") { Description = "Cards of each learner.", DefaultValueFactory = _ => 1_000 };

    public static Command Create()
    {
        var command = new Command("review", "The hottest request of all against a bare handler with the same SQL.") { Seconds, WarmUp, Turns, Learners, Cards };
        command.SetAction((result, _) => RunAsync(
            result.GetValue(Learners), result.GetValue(Cards), TimeSpan.FromSeconds(result.GetValue(WarmUp)), TimeSpan.FromSeconds(result.GetValue(Seconds)), result.GetValue(Turns)));
        return command;
    }

    private static async Task<int> RunAsync(int learners, int cards, TimeSpan warmUp, TimeSpan measured, int turns)
    {
        await using var mneme = await Subject.StartAsync(("Http__RequestsPerMinutePerUser", "10000000"), ("Http__RequestsPerMinutePerAddress", "10000000"));
        Console.WriteLine($"Idle: mneme {Memory.Rss(mneme.ProcessId):0} MiB RSS. Seeding {learners:N0} learners with {cards:N0} cards each, twice …");
        var bare = new DatabaseServer(mneme.Cluster.ConnectionString("postgres"), "bare");
        await MigrateAsync(bare.BaseConnectionString, "bare");
        await bare.CreateMissingAsync([], CancellationToken.None);
        await Seed.ReviewsAsync(mneme.Server, learners, cards);
        await Seed.ReviewsAsync(bare, learners, cards);
        await Seed.ExecuteAsync(mneme.Server, "study", "checkpoint");
        using var baseline = await StartBaselineAsync(mneme, bare);
        try
        {
            return await MeasureAsync(mneme, baseline.Address, learners, cards, warmUp, measured, turns);
        }
        finally
        {
            baseline.Process.Kill();
            await baseline.Process.WaitForExitAsync();
        }
    }

    private static async Task<int> MeasureAsync(Subject mneme, Uri baseline, int learners, int cards, TimeSpan warmUp, TimeSpan time, int turns)
    {
        var requests = Requests(await mneme.TokensAsync(Enumerable.Range(0, learners).Select(Seed.Learner)), learners, cards);
        var acknowledged = await LoadGenerator.RunAsync(mneme.Address, Connections, warmUp, requests, null);
        await LoadGenerator.RunAsync(baseline, Connections, warmUp, requests, null);
        var (ours, bare) = (new Measured(), new Measured());
        var oldest = 0.0;
        for (var turn = 1; turn <= turns; turn++)
        {
            using var stop = new CancellationTokenSource();
            var watch = WatchOldestAsync(mneme, stop.Token);
            acknowledged += await LoadGenerator.RunAsync(mneme.Address, Connections, time / turns, requests, ours);
            await stop.CancelAsync();
            oldest = Math.Max(oldest, await watch);
            if (turn < turns)
                await LoadGenerator.RunAsync(baseline, Connections, time / turns, requests, bare);
        }

        var drained = await DrainAsync(mneme);
        var rss = Memory.Rss(mneme.ProcessId);
        var pss = Memory.PostgresPss(mneme.Cluster.ProcessId);
        await LoadGenerator.RunAsync(baseline, Connections, time / turns, requests, bare);

        var logged = await mneme.QueryAsync<long>("study", "select count(*) from review_log");
        var points = await mneme.QueryAsync<decimal>("progress", "select sum(points) from scores");
        var dead = await mneme.QueryAsync<long>("progress", "select count(*) from failed_deliveries");
        var isExact = logged == acknowledged && points == acknowledged * 10 && dead == 0;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"""
            mneme     {ours}
            baseline  {bare}
            ratio     rate {ours.Rate / bare.Rate:0.000} (aim ≥ 0.95)   p99 {ours.P99 / bare.P99:0.00} (aim ≤ 1.30)
            memory    mneme {rss:0} MiB RSS (aim < 400), PostgreSQL {pss:0} MiB PSS
            events    oldest unhandled {oldest:0.00} s (aim ≤ 2), drained {drained.TotalSeconds:0.00} s after the end (aim ≤ 5)
            ledger    {acknowledged} acknowledged, {logged} in the log, {points} points, {dead} failed deliveries: {(isExact ? "exact" : "WRONG")}
            """));
        return isExact ? 0 : 1;
    }

    /// <summary>Requests for random cards, made before they are sent.</summary>
    private static Func<int, ReadOnlyMemory<byte>> Requests(List<string> tokens, int learners, int cards)
    {
        var random = Enumerable.Range(0, Connections).Select(connection => new Random(connection)).ToArray();
        var heads = tokens.Select(token => LoadGenerator.Post(Path, token, Body(Guid.Empty, 4))).ToArray();
        var marker = Encoding.ASCII.GetBytes(Guid.Empty.ToString());
        return connection =>
        {
            var learner = random[connection].Next(learners);
            var request = heads[learner].ToArray();
            Encoding.ASCII.GetBytes(Seed.Card(learner, random[connection].Next(cards)).ToString(), request.AsSpan(request.AsSpan().LastIndexOf(marker)));
            return request;
        };
    }

    private static string Body(Guid card, int quality) => JsonSerializer.Serialize(new { flashcardId = card, quality });

    private static async Task<double> WatchOldestAsync(Subject mneme, CancellationToken ct)
    {
        await using var connection = mneme.Connect("study");
        await connection.OpenAsync(CancellationToken.None);
        await using var command = new Npgsql.NpgsqlCommand("select coalesce(extract(epoch from clock_timestamp() - min(occurred_at)), 0)::float8 from outbox", connection);
        var oldest = 0.0;
        while (!ct.IsCancellationRequested)
        {
            oldest = Math.Max(oldest, (double)(await command.ExecuteScalarAsync(CancellationToken.None))!);
            await Task.Delay(100, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return oldest;
    }

    private static async Task<TimeSpan> DrainAsync(Subject mneme)
    {
        var start = Stopwatch.GetTimestamp();
        while (await mneme.QueryAsync<long>("study", "select count(*) from outbox") > 0 && Stopwatch.GetElapsedTime(start) < TimeSpan.FromMinutes(2))
            await Task.Delay(20);
        return Stopwatch.GetElapsedTime(start);
    }

    private static async Task MigrateAsync(string connectionString, string prefix)
    {
        var start = new ProcessStartInfo(Subject.Program, ["migrate", "--set", "Database__Prefix=" + prefix]) { UseShellExecute = false };
        start.Environment["Database__Url"] = connectionString;
        using var migrate = Process.Start(start)!;
        await migrate.WaitForExitAsync();
        if (migrate.ExitCode != 0)
            throw new InvalidOperationException("The baseline's databases could not be made.");
    }

    private static async Task<Baseline> StartBaselineAsync(Subject mneme, DatabaseServer bare)
    {
        using var client = new HttpClient();
        var jwks = await client.GetStringAsync(new Uri(mneme.Address, "/.well-known/jwks.json"));
        var start = new ProcessStartInfo(
            Environment.ProcessPath!, ["baseline-server", "--study", bare.ConnectionString("study"), "--progress", bare.ConnectionString("progress"), "--public-key", PublicKey.FromJwks(jwks)])
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        var process = Process.Start(start)!;
        var line = await process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("The baseline did not start.");
        return new Baseline(process, new Uri(line["Address ".Length..]));
    }

    private sealed record Baseline(Process Process, Uri Address) : IDisposable
    {
        public void Dispose() => Process.Dispose();
    }
}
