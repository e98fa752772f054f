using System.Collections.Concurrent;

namespace Mneme.Platform.Http;

/// <summary>Counts in this process's memory, for itself alone.</summary>
public sealed class MemoryRateLimits(TimeProvider time) : IRateLimits
{
    private const int Capacity = 50_000;

    private readonly ConcurrentDictionary<RateLimit, RateLimits> _tables = new();

    public ValueTask<RateLimitDecision> TakeAsync(RateLimit limit, UInt128 key, CancellationToken ct) =>
        ValueTask.FromResult(_tables.GetOrAdd(limit, static (l, time) => new RateLimits(l.Quota, l.Window, Capacity, time), time).Take(key));
}
