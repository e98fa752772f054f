namespace Mneme.Platform.Messaging;

public enum ListenerState
{
    /// <summary>An operator stopped it, or the process is stopping.</summary>
    Stopped,

    /// <summary>It has not reached the broker yet.</summary>
    Connecting,

    Listening,

    /// <summary>It has lost the broker and tries to reach it again.</summary>
    Reconnecting,

    /// <summary>It holds events that it cannot commit at present.</summary>
    WaitingForDatabase,
}

/// <summary>What a listener has done since the process started, in events. Written by the listener, read by anybody.</summary>
public sealed class ListenerStatistics
{
    private long _received;
    private long _handled;
    private long _redelivered;
    private long _setAside;
    private long _buried;
    private long _disconnections;
    private long _heartbeatAt;
    private long _lastReceivedAt;
    private long _lastHandledAt;

    public long ReceivedCount => Interlocked.Read(ref _received);

    /// <summary>Acknowledged: their effects, or their failed deliveries, are committed.</summary>
    public long HandledCount => Interlocked.Read(ref _handled);

    /// <summary>Those among the received that the broker had delivered before.</summary>
    public long RedeliveredCount => Interlocked.Read(ref _redelivered);

    /// <summary>Messages that are not events of ours.</summary>
    public long SetAsideCount => Interlocked.Read(ref _setAside);

    /// <summary>Events that became dead letters because nobody survived handling them.</summary>
    public long BuriedCount => Interlocked.Read(ref _buried);

    public long DisconnectionCount => Interlocked.Read(ref _disconnections);

    /// <summary>When the connection last proved to be alive; null before the first.</summary>
    public DateTimeOffset? HeartbeatAt => Time(ref _heartbeatAt);

    public DateTimeOffset? LastReceivedAt => Time(ref _lastReceivedAt);

    public DateTimeOffset? LastHandledAt => Time(ref _lastHandledAt);

    /// <summary>What went wrong last, for operators; null if nothing did.</summary>
    public string? LastError { get; private set; }

    internal void Beat(DateTimeOffset now) => Interlocked.Exchange(ref _heartbeatAt, now.UtcTicks);

    internal void Received(int count, DateTimeOffset now)
    {
        Interlocked.Add(ref _received, count);
        Interlocked.Exchange(ref _lastReceivedAt, now.UtcTicks);
        Beat(now);
    }

    internal void Handled(int count, DateTimeOffset now)
    {
        Interlocked.Add(ref _handled, count);
        Interlocked.Exchange(ref _lastHandledAt, now.UtcTicks);
    }

    internal void Redelivered(int count) => Interlocked.Add(ref _redelivered, count);

    internal void SetAside() => Interlocked.Increment(ref _setAside);

    internal void Buried() => Interlocked.Increment(ref _buried);

    internal void Disconnected(Exception reason)
    {
        Interlocked.Increment(ref _disconnections);
        Failed(reason);
    }

    internal void Failed(Exception reason) => LastError = $"{reason.GetType().Name}: {reason.Message}";

    private static DateTimeOffset? Time(ref long ticks) => Interlocked.Read(ref ticks) is > 0 and var value ? new DateTimeOffset(value, TimeSpan.Zero) : null;
}
