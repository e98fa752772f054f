using System.CommandLine;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Mneme.Platform.Hosting;
using Mneme.Platform.Messaging;
using Mneme.Platform.Persistence;
using Mneme.Platform.Persistence.Cluster;
using Mneme.Platform.Security;
using Mneme.Platform.Services;
using Npgsql;

namespace Mneme.Bench.Events;

/// <summary>
/// <c>./mneme bench events</c>: outbox → transport → inbox with effects, a hundred events to a producing transaction, against the same statements by hand in the same run; the latency at half of that load; and
/// the ledger: what was produced is what was handled, once.
/// </summary>
internal static class EventsBench
{
    private const int EventsPerTransaction = 100;
    private const int Rows = 10_000;
    private const int Producers = 2;

    // Enough that nobody waits for work, and little enough that a backlog is not what is measured.
    private const int Backlog = 4_000;

    private static readonly Option<string> Backend = new("--backend") { Description = "inprocess, kafka, rabbitmq or redis.", DefaultValueFactory = _ => "inprocess" };
    private static readonly Option<int> Seconds = new("--seconds") { Description = "Measured time of each side.", DefaultValueFactory = _ => 60 };
    private static readonly Option<int> WarmUp = new("--warm-up") { Description = "Seconds of load before anything is measured.", DefaultValueFactory = _ => 25 };
    private static readonly Option<int> Turns = new("--turns") { Description = "Turns in which each side is measured.", DefaultValueFactory = _ => 4 };

    public static Command Create()
    {
        var command = new Command("events", "Events from outbox to effect, sustained, against the same SQL by hand.") { Backend, Seconds, WarmUp, Turns };
        command.SetAction((result, ct) => RunAsync(
            result.GetValue(Backend)!, TimeSpan.FromSeconds(result.GetValue(WarmUp)), TimeSpan.FromSeconds(result.GetValue(Seconds)), result.GetValue(Turns), ct));
        return command;
    }

    private static async Task<int> RunAsync(string backend, TimeSpan warmUp, TimeSpan time, int turns, CancellationToken ct)
    {
        var folder = Directory.CreateTempSubdirectory("mneme-bench-");
        // Run by root, PostgreSQL drops to another user, who must reach it here.
        folder.UnixFileMode = (UnixFileMode)0b111_101_101;
        try
        {
            await using var broker = await BenchBroker.StartAsync(backend, Path.Combine(folder.FullName, "broker"), ct);
            await using var cluster = await PrivateCluster.StartAsync(
                new PrivateClusterOptions { DataFolder = Path.Combine(folder.FullName, "data") }, NullLogger.Instance, TimeProvider.System, ct);
            var (server, bareServer) = (new DatabaseServer(cluster.ConnectionString("postgres"), "bench"), new DatabaseServer(cluster.ConnectionString("postgres"), "bare"));
            await using (var migrating = Build(bareServer, folder, new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase)))
                await migrating.Services.MigrateAsync(ct);
            await using var bare = new BarePipeline(bareServer);
            await using var app = Build(server, folder, new(broker.Settings, StringComparer.OrdinalIgnoreCase));
            await app.Services.MigrateAsync(ct);
            await app.StartAsync(ct);
            using var ours = new OurPipeline(app.Services);

            // In turns: what else the machine does, and tables that grow, then concern both alike.
            await SustainAsync(ours, warmUp, ct);
            await SustainAsync(bare, warmUp / 3, ct);
            var (ourRate, bareRate) = (0.0, 0.0);
            for (var turn = 0; turn < turns; turn++)
            {
                ourRate += await SustainAsync(ours, time / turns, ct) / turns;
                bareRate += await SustainAsync(bare, time / turns, ct) / turns;
            }

            var half = await AtHalfLoadAsync(ours, ourRate / 2, time / 2, ct);
            await app.StopAsync(ct);
            var ledger = await LedgerAsync(server, ours.Produced, ct);
            // Nothing is aimed at over Kafka: its mock keeps everything in memory and in one process.
            var (aimShare, aimRate, aimP99) = backend switch { "inprocess" => (0.7, 6_000, 100.0), "kafka" => (0, 0, double.MaxValue), _ => (0.5, 4_000, 100) };
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"""

                events over {backend}
                  sustained   {ourRate,8:0}/s   (aim ≥ {aimRate})
                  by hand     {bareRate,8:0}/s
                  ratio       {ourRate / bareRate,8:0.00}   (aim ≥ {aimShare})
                  half load   {half}
                  ledger      {ledger}
                """));
            return ourRate >= aimRate && ourRate / bareRate >= aimShare && half.P99 < aimP99 && ledger.IsExact ? 0 : 1;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static WebApplication Build(DatabaseServer server, DirectoryInfo folder, Dictionary<string, string?> settings)
    {
        settings["Http:Port"] = "0";
        settings["Http:ManagementPort"] = "-1";
        settings["Data:Folder"] = folder.FullName;
        settings["Logging:LogLevel:Default"] = "Warning";
        return MnemeApplication.Build(
            [new EmitterService(), new TallyService()], new ConfigurationBuilder().AddInMemoryCollection(settings).Build(), server,
            builder => builder.Services.AddSingleton<IVerificationKeys, NoKeys>());
    }

    /// <returns>Events handled per second while they were produced as fast as they were handled.</returns>
    private static async Task<double> SustainAsync(IPipeline pipeline, TimeSpan duration, CancellationToken ct)
    {
        using var working = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var work = pipeline.WorkAsync(working.Token);
        var (before, start) = (pipeline.Handled, Stopwatch.GetTimestamp());
        await AsManyAsync(duration, () => pipeline.Produced - pipeline.Handled < Backlog, stop => pipeline.ProduceAsync(RandomRows(), stop), ct);
        var rate = (pipeline.Handled - before) / Stopwatch.GetElapsedTime(start).TotalSeconds;
        await DrainAsync(pipeline, ct);
        await working.CancelAsync();
        await work;
        return rate;
    }

    private static async Task<Measured> AtHalfLoadAsync(OurPipeline ours, double rate, TimeSpan time, CancellationToken ct)
    {
        ours.Record();
        using (var pace = new PeriodicTimer(TimeSpan.FromSeconds(EventsPerTransaction / rate)))
        {
            for (var began = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(began) < time; await pace.WaitForNextTickAsync(ct))
                await ours.ProduceAsync(RandomRows(), ct);
        }

        await DrainAsync(ours, ct);
        return ours.Recorded(time);
    }

    private static async Task DrainAsync(IPipeline pipeline, CancellationToken ct)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (pipeline.Handled < pipeline.Produced)
            await timer.WaitForNextTickAsync(ct);
    }

    /// <summary>Produces on a few tasks at once for a time, as long as there is room.</summary>
    private static Task AsManyAsync(TimeSpan duration, Func<bool> hasRoom, Func<CancellationToken, Task> produce, CancellationToken ct)
    {
        var start = Stopwatch.GetTimestamp();
        return Task.WhenAll(Enumerable.Range(0, Producers).Select(_ => Task.Run(
            async () =>
            {
                using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(1));
                while (Stopwatch.GetElapsedTime(start) < duration)
                {
                    if (hasRoom())
                        await produce(ct);
                    else
                        await timer.WaitForNextTickAsync(ct);
                }
            },
            ct)));
    }

    private static int[] RandomRows() => [.. Enumerable.Range(0, EventsPerTransaction).Select(_ => Random.Shared.Next(1, Rows + 1))];

    private static async Task<Ledger> LedgerAsync(DatabaseServer server, long produced, CancellationToken ct)
    {
        await using var emitter = NpgsqlDataSource.Create(server.ConnectionString(EmitterService.ServiceName));
        await using var tally = NpgsqlDataSource.Create(server.ConnectionString(TallyService.ServiceName));
        return new Ledger(
            produced, await CountAsync(tally, "select sum(n)::bigint from tallies", ct), await CountAsync(tally, "select count(*) from inbox", ct), await CountAsync(emitter, "select count(*) from outbox", ct));
    }

    private static async Task<long> CountAsync(NpgsqlDataSource database, string sql, CancellationToken ct)
    {
        await using var command = database.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync(ct))!;
    }

    private sealed record Ledger(long Produced, long Effects, long Inbox, long Outbox)
    {
        public bool IsExact => Produced == Effects && Effects == Inbox && Outbox == 0;

        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Produced:N0} produced, {Effects:N0} effects, {Inbox:N0} in the inbox, {Outbox} left: {(IsExact ? "exact" : "WRONG")}");
    }

    private sealed class NoKeys : IVerificationKeys
    {
        public ECDsa? Find(string keyId) => null;
    }
}
