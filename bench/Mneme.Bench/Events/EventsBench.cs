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

    private static readonly Option<string> Backend = new("--backend") { Description = "inprocess, rabbitmq or redis.", DefaultValueFactory = _ => "inprocess" };
    private static readonly Option<int> Seconds = new("--seconds") { Description = "Measured time of each side.", DefaultValueFactory = _ => 60 };
    private static readonly Option<int> WarmUp = new("--warm-up") { Description = "Seconds of load before anything is measured.", DefaultValueFactory = _ => 25 };

    public static Command Create()
    {
        var command = new Command("events", "Events from outbox to effect, sustained, against the same SQL by hand.") { Backend, Seconds, WarmUp };
        command.SetAction((result, ct) => RunAsync(result.GetValue(Backend)!, TimeSpan.FromSeconds(result.GetValue(WarmUp)), TimeSpan.FromSeconds(result.GetValue(Seconds)), ct));
        return command;
    }

    private static async Task<int> RunAsync(string backend, TimeSpan warmUp, TimeSpan time, CancellationToken ct)
    {
        var folder = Directory.CreateTempSubdirectory("mneme-bench-");
        // Run by root, PostgreSQL drops to another user, who must reach it here.
        folder.UnixFileMode = (UnixFileMode)0b111_101_101;
        try
        {
            await using var broker = await BenchBroker.StartAsync(backend, Path.Combine(folder.FullName, "broker"), ct);
            await using var cluster = await PrivateCluster.StartAsync(
                new PrivateClusterOptions { DataFolder = Path.Combine(folder.FullName, "data") }, NullLogger.Instance, TimeProvider.System, ct);
            var server = new DatabaseServer(cluster.ConnectionString("postgres"), "bench");
            var (rate, half, ledger) = await OursAsync(server, folder, broker, warmUp, time, ct);
            var bare = await BareAsync(server, warmUp / 3, time, ct);
            var (aimShare, aimRate) = backend == "inprocess" ? (0.7, 6_000) : (0.5, 4_000);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"""

                events over {backend}
                  sustained   {rate,8:0}/s   (aim ≥ {aimRate})
                  by hand     {bare,8:0}/s
                  ratio       {rate / bare,8:0.00}   (aim ≥ {aimShare})
                  half load   {half}
                  ledger      {ledger}
                """));
            return rate >= aimRate && rate / bare >= aimShare && half.P99 < 100 && ledger.IsExact ? 0 : 1;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<(double Rate, Measured HalfLoad, Ledger Ledger)> OursAsync(
        DatabaseServer server, DirectoryInfo folder, BenchBroker broker, TimeSpan warmUp, TimeSpan time, CancellationToken ct)
    {
        var settings = new Dictionary<string, string?>(broker.Settings, StringComparer.OrdinalIgnoreCase)
        {
            ["Http:Port"] = "0",
            ["Http:ManagementPort"] = "-1",
            ["Data:Folder"] = folder.FullName,
            ["Logging:LogLevel:Default"] = "Warning",
        };
        await using var app = MnemeApplication.Build(
            [new EmitterService(), new TallyService()], new ConfigurationBuilder().AddInMemoryCollection(settings).Build(), server,
            builder => builder.Services.AddSingleton<IVerificationKeys, NoKeys>());
        await app.Services.MigrateAsync(ct);
        await app.StartAsync(ct);
        using var handled = new HandledEvents();
        var signals = app.Services.GetRequiredKeyedService<ServiceSignals>(EmitterService.ServiceName);
        long produced = 0;

        async Task ProduceAsync(CancellationToken stop)
        {
            await using var scope = app.Services.CreateAsyncScope();
            var db = scope.ServiceProvider.GetRequiredService<EmitterDb>();
            var now = DateTimeOffset.UtcNow;
            foreach (var row in RandomRows())
                db.Publish(new Ticked(Guid.NewGuid(), row), now);
            await db.SaveChangesAsync(stop);
            signals.Committed();
            Interlocked.Add(ref produced, EventsPerTransaction);
        }

        Task SustainAsync(TimeSpan duration) => AsManyAsync(duration, () => Interlocked.Read(ref produced) - handled.Count < Backlog, ProduceAsync, ct);

        await SustainAsync(warmUp);
        var (before, start) = (handled.Count, Stopwatch.GetTimestamp());
        await SustainAsync(time);
        var rate = (handled.Count - before) / Stopwatch.GetElapsedTime(start).TotalSeconds;
        await handled.ReachesAsync(() => Interlocked.Read(ref produced), ct);

        handled.Record();
        using (var pace = new PeriodicTimer(TimeSpan.FromSeconds(EventsPerTransaction / (rate / 2))))
        {
            for (var began = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(began) < time / 2; await pace.WaitForNextTickAsync(ct))
                await ProduceAsync(ct);
        }

        await handled.ReachesAsync(() => Interlocked.Read(ref produced), ct);
        var half = handled.Recorded(time / 2);
        await app.StopAsync(ct);
        return (rate, half, await LedgerAsync(server, produced, ct));
    }

    private static async Task<double> BareAsync(DatabaseServer server, TimeSpan warmUp, TimeSpan time, CancellationToken ct)
    {
        await using var bare = new BarePipeline(server);
        long produced = 0, handled = 0;
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var relay = Task.Run(
            async () =>
            {
                while (!stopping.IsCancellationRequested)
                    Interlocked.Add(ref handled, await bare.RelayAsync(CancellationToken.None));
            },
            CancellationToken.None);

        async Task ProduceAsync(CancellationToken stop)
        {
            await bare.ProduceAsync(RandomRows(), stop);
            Interlocked.Add(ref produced, EventsPerTransaction);
        }

        Task SustainAsync(TimeSpan duration) => AsManyAsync(duration, () => Interlocked.Read(ref produced) - Interlocked.Read(ref handled) < Backlog, ProduceAsync, ct);

        await SustainAsync(warmUp);
        var (before, start) = (Interlocked.Read(ref handled), Stopwatch.GetTimestamp());
        await SustainAsync(time);
        var rate = (Interlocked.Read(ref handled) - before) / Stopwatch.GetElapsedTime(start).TotalSeconds;
        await stopping.CancelAsync();
        await relay;
        return rate;
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

    /// <summary>Listens to the platform's own metrics: how many events had their effects committed, and how long after they happened.</summary>
    private sealed class HandledEvents : IDisposable
    {
        private readonly MeterListener _listener = new();
        private readonly List<double> _delays = [];
        private long _count;
        private bool _records;

        public HandledEvents()
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name is "mneme.events.handled" or "mneme.events.delay")
                    listener.EnableMeasurementEvents(instrument);
            };
            _listener.SetMeasurementEventCallback<long>((_, count, _, _) => Interlocked.Add(ref _count, count));
            _listener.SetMeasurementEventCallback<double>((_, seconds, _, _) =>
            {
                lock (_delays)
                {
                    if (_records)
                        _delays.Add(seconds * 1000);
                }
            });
            _listener.Start();
        }

        public long Count => Interlocked.Read(ref _count);

        public void Record()
        {
            lock (_delays)
                _records = true;
        }

        public Measured Recorded(TimeSpan time)
        {
            var measured = new Measured();
            lock (_delays)
                measured.Add(_delays, failed: 0);
            measured.AddTime(time);
            return measured;
        }

        public async Task ReachesAsync(Func<long> count, CancellationToken ct)
        {
            using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
            while (Count < count())
                await timer.WaitForNextTickAsync(ct);
        }

        public void Dispose() => _listener.Dispose();
    }
}
