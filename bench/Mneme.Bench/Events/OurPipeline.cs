using System.Diagnostics.Metrics;
using Mneme.Platform.Messaging;

namespace Mneme.Bench.Events;

/// <summary>The program's own way. What was handled, and how long after it happened, comes from the platform's metrics.</summary>
internal sealed class OurPipeline : IPipeline, IDisposable
{
    private readonly IServiceProvider _services;
    private readonly ServiceSignals _signals;
    private readonly MeterListener _listener = new();
    private readonly List<double> _delays = [];
    private long _produced;
    private long _handled;
    private bool _records;

    public OurPipeline(IServiceProvider services)
    {
        (_services, _signals) = (services, services.GetRequiredKeyedService<ServiceSignals>(EmitterService.ServiceName));
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name is "mneme.events.handled" or "mneme.events.delay")
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((_, count, _, _) => Interlocked.Add(ref _handled, count));
        _listener.SetMeasurementEventCallback<double>((_, seconds, _, _) =>
        {
            if (!_records)
                return;
            lock (_delays)
                _delays.Add(seconds * 1000);
        });
        _listener.Start();
    }

    public long Produced => Interlocked.Read(ref _produced);

    public long Handled => Interlocked.Read(ref _handled);

    public async Task ProduceAsync(IReadOnlyList<int> rows, CancellationToken ct)
    {
        await using var scope = _services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<EmitterDb>();
        var now = DateTimeOffset.UtcNow;
        foreach (var row in rows)
            db.Publish(new Ticked(Guid.NewGuid(), row), now);
        await db.SaveChangesAsync(ct);
        _signals.Committed();
        Interlocked.Add(ref _produced, rows.Count);
    }

    /// <summary>Nothing: relay and consumer run as long as the program does.</summary>
    public Task WorkAsync(CancellationToken ct) => Task.CompletedTask;

    /// <summary>From now on the time from each event to the commit of its effect is kept.</summary>
    public void Record() => _records = true;

    public Measured Recorded(TimeSpan time)
    {
        var measured = new Measured();
        lock (_delays)
            measured.Add(_delays, failed: 0);
        measured.AddTime(time);
        return measured;
    }

    public void Dispose() => _listener.Dispose();
}
