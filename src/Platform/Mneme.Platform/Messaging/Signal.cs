namespace Mneme.Platform.Messaging;

/// <summary>Wakes a loop. Setting it twice before the loop looks wakes it once.</summary>
public sealed class Signal : IDisposable
{
    private readonly SemaphoreSlim _semaphore = new(0, 1);
    private int _isSet;

    public void Set()
    {
        if (Interlocked.Exchange(ref _isSet, 1) == 0)
            _semaphore.Release();
    }

    /// <summary>Returns when the signal is set, or after <paramref name="timeout"/>. What was committed before the signal is visible afterwards.</summary>
    public async Task WaitAsync(TimeSpan timeout, CancellationToken ct)
    {
        if (await _semaphore.WaitAsync(timeout, ct))
            Volatile.Write(ref _isSet, 0);
    }

    public void Dispose() => _semaphore.Dispose();
}

/// <summary>The signals of one service in this process: set after a commit, so that relays and workers need not poll for what happened here.</summary>
public sealed class ServiceSignals : IDisposable
{
    public Signal Outbox { get; } = new();

    public Signal Jobs { get; } = new();

    /// <summary>After a commit that may have added events or jobs.</summary>
    public void Committed()
    {
        Outbox.Set();
        Jobs.Set();
    }

    public void Dispose()
    {
        Outbox.Dispose();
        Jobs.Dispose();
    }
}
