using System.Diagnostics;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Mneme.Platform.Persistence;

namespace Mneme.Platform.Messaging;

/// <summary>
/// Brings one consumer its events from a broker, for as long as the process runs. An adapter says how it connects, receives and acknowledges; what is the same for every
/// broker is here: it reconnects with backoff, hands events over in batches, and acknowledges only what is committed.
/// </summary>
/// <remarks>
/// A handler that fails is not the broker's business: the consumer stores the delivery in its own database and retries it there (docs/adr/0007). Two things are left to a listener:
/// a database that is away, for which it holds the events in its hands and waits; and an event that takes the process down with it each time, which only the broker's count of
/// deliveries can tell. Such an event is buried as a dead letter after <see cref="MessagingOptions.MaxDeliveries"/>; to tell it from those that merely
/// shared its batch, events that have come nearly as often are handled alone, and only the first of them after a connection may be buried.
/// </remarks>
public abstract partial class EventListener(EventConsumer consumer, MessagingOptions options, TimeProvider time, ILogger logger) : IAsyncDisposable
{
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _switch = new(1, 1);
    private CancellationTokenSource? _stopping;
    private Task _running = Task.CompletedTask;
    private bool _mayBury;

    // After a lost connection much comes again, which is handled in batches like anything else. Two deliveries before the last, whoever takes the process down does so alone:
    // those before it are then done with, and it is the first to come after the next connection.
    private int FirstSuspectDelivery => Math.Max(1, options.MaxDeliveries - 2);

    /// <summary>The consumer whose events these are: its service's name.</summary>
    public string Consumer => consumer.Name;

    public ListenerState State { get; private set; } = ListenerState.Stopped;

    public ListenerStatistics Statistics { get; } = new();

    protected MessagingOptions Options => options;

    /// <summary>Connects, receives until <paramref name="ct"/> is cancelled, and gives every delivery to <see cref="HandleAsync"/>. Calls <see cref="Connected"/> once it receives.</summary>
    /// <exception cref="Exception">The broker cannot be reached (any more). It is called again after a pause.</exception>
    protected abstract Task ListenAsync(CancellationToken ct);

    /// <summary>
    /// Tells the broker that these are done with; what it never hears of it delivers again. Called for one that came again at once, and at the end of each batch for all others
    /// of it, in the order in which they came.
    /// </summary>
    protected abstract Task AcknowledgeAsync(IReadOnlyList<Delivery> deliveries, CancellationToken ct);

    /// <summary>Puts what is not a CloudEvent of ours aside, where an operator finds it.</summary>
    protected abstract Task SetAsideAsync(Delivery delivery, string reason, CancellationToken ct);

    /// <summary>To be called when the connection is there, and whenever it proves to be alive.</summary>
    protected void Connected()
    {
        Statistics.Beat(time.GetUtcNow());
        if (State is ListenerState.Listening or ListenerState.WaitingForDatabase)
            return;
        State = ListenerState.Listening;
        _mayBury = true;
        LogListening(Consumer);
    }

    /// <summary>To be called when the broker is lost and the client itself keeps trying to reach it; <see cref="Connected"/> says that it has.</summary>
    protected void Disconnected(Exception reason)
    {
        Statistics.Failed(reason);
        if (State == ListenerState.Reconnecting)
            return;
        State = ListenerState.Reconnecting;
        Statistics.Disconnected(reason);
        LogDisconnected(Consumer, reason);
    }

    /// <summary>Handles what arrives in batches of as many events as there are, up to the configured number, until the channel is completed.</summary>
    /// <exception cref="Exception">What the channel was completed with.</exception>
    protected async Task HandleArrivingAsync<TDelivery>(ChannelReader<TDelivery> arrived, CancellationToken ct)
        where TDelivery : Delivery
    {
        var batch = new List<Delivery>();
        while (await arrived.WaitToReadAsync(ct))
        {
            for (var events = 0; events < options.BatchSize && arrived.TryRead(out var delivery); events += delivery.Events.Count)
                batch.Add(delivery);
            await HandleAsync(batch, ct);
            batch.Clear();
        }
    }

    /// <summary>Hands deliveries to the consumer and acknowledges them. Returns when all of them are done with, however long the database is away.</summary>
    /// <exception cref="OperationCanceledException">Nothing that is not committed is acknowledged.</exception>
    protected async Task HandleAsync(IReadOnlyList<Delivery> deliveries, CancellationToken ct)
    {
        var count = deliveries.Sum(delivery => Math.Max(1, delivery.Events.Count));
        Statistics.Received(count, time.GetUtcNow());
        var done = new List<Delivery>(deliveries.Count);
        var events = new List<EventEnvelope>(deliveries.Count);
        foreach (var delivery in deliveries)
        {
            if (delivery.WhyUnreadable is { } reason)
            {
                await SetAsideAsync(delivery, reason, ct);
                Statistics.SetAside();
                LogSetAside(Consumer, reason);
                done.Add(delivery);
                continue;
            }

            var wanted = delivery.Events.Where(envelope => consumer.Wants(envelope.Type));
            if (delivery.PreviousDeliveries > 0)
                Statistics.Redelivered(delivery.Events.Count);
            if (delivery.PreviousDeliveries < FirstSuspectDelivery)
            {
                events.AddRange(wanted);
                done.Add(delivery);
            }
            else
            {
                await HandleAloneAsync(wanted, delivery.PreviousDeliveries, ct);
                await AcknowledgeAsync([delivery], ct);
            }
        }

        if (events.Count > 0)
            await HoldAsync(() => consumer.ConsumeAsync(events, ct), ct);
        if (done.Count > 0)
            await AcknowledgeAsync(done, ct);
        Statistics.Handled(count, time.GetUtcNow());
    }

    private async Task HandleAloneAsync(IEnumerable<EventEnvelope> events, int previousDeliveries, CancellationToken ct)
    {
        var mayBury = _mayBury && previousDeliveries >= options.MaxDeliveries;
        foreach (var envelope in events)
        {
            await HoldAsync(
                async () =>
                {
                    if (!mayBury)
                    {
                        await consumer.ConsumeAsync([envelope], ct);
                    }
                    // Of several that came as one, those that were handled before the process went down did not take it down.
                    else if (await consumer.BuryAsync(envelope, previousDeliveries, ct))
                    {
                        Statistics.Buried();
                        mayBury = false;
                    }
                },
                ct);
        }

        _mayBury = false;
    }

    /// <summary>Keeps trying while the database is away: giving the events back would only make the broker deliver them again and again.</summary>
    private async Task HoldAsync(Func<Task> handle, CancellationToken ct)
    {
        for (var failures = 0; ;)
        {
            try
            {
                await handle();
                if (failures > 0)
                    LogDatabaseIsBack(Consumer);
                if (State == ListenerState.WaitingForDatabase)
                    State = ListenerState.Listening;
                return;
            }
            catch (Exception e) when (!ct.IsCancellationRequested && DatabaseFailure.IsUnavailable(e))
            {
                if (failures++ == 0)
                    LogWaitingForDatabase(Consumer, e);
                State = ListenerState.WaitingForDatabase;
                Statistics.Failed(e);
                await Task.Delay(Pause(failures), time, ct);
            }
        }
    }

    /// <summary>Starts listening; does nothing if it listens already.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await _switch.WaitAsync(cancellationToken);
        try
        {
            if (_stopping is not null)
                return;
            _stopping = new CancellationTokenSource();
            State = ListenerState.Connecting;
            _running = Task.Run(() => RunAsync(_stopping.Token), CancellationToken.None);
        }
        finally
        {
            _switch.Release();
        }
    }

    /// <summary>Stops listening; what is in hand and not committed goes back to the broker. Returns when it has stopped.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _switch.WaitAsync(cancellationToken);
        try
        {
            if (_stopping is null)
                return;
            await _stopping.CancelAsync();
            await _running.WaitAsync(cancellationToken);
            _stopping.Dispose();
            _stopping = null;
        }
        finally
        {
            _switch.Release();
        }
    }

    private async Task RunAsync(CancellationToken ct)
    {
        var failures = 0;
        while (!ct.IsCancellationRequested)
        {
            var startedAt = Stopwatch.GetTimestamp();
            try
            {
                await ListenAsync(ct);
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
                break;
            }
            catch (Exception e)
            {
                // A connection that held for a while ends a row of failures.
                failures = Stopwatch.GetElapsedTime(startedAt) > LongestPause * 2 ? 1 : failures + 1;
                State = ListenerState.Reconnecting;
                Statistics.Disconnected(e);
                if (failures == 1)
                    LogDisconnected(Consumer, e);
                await Task.Delay(Pause(failures), time, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        State = ListenerState.Stopped;
        LogStopped(Consumer);
    }

    // With jitter: a broker that comes back is not to meet all listeners at once.
    private static TimeSpan Pause(int failures)
    {
        var pause = ShortestPause * Math.Pow(2, Math.Min(failures, 5) - 1);
        return (pause < LongestPause ? pause : LongestPause) * (0.8 + Random.Shared.NextDouble() * 0.4);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync(CancellationToken.None);
        _switch.Dispose();
        GC.SuppressFinalize(this);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Consumer} listens for events")]
    private partial void LogListening(string consumer);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Consumer} stopped listening for events")]
    private partial void LogStopped(string consumer);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Consumer} cannot reach its broker and keeps trying")]
    private partial void LogDisconnected(string consumer, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Consumer} holds the events in its hands until its database is back")]
    private partial void LogWaitingForDatabase(string consumer, Exception exception);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Consumer} has its database back")]
    private partial void LogDatabaseIsBack(string consumer);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Consumer} received what is not an event and set it aside: {Reason}")]
    private partial void LogSetAside(string consumer, string reason);
}
