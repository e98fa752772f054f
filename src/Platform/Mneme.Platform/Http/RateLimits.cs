using System.Collections.Concurrent;

namespace Mneme.Platform.Http;

/// <summary>
/// A token bucket for each key, in the form of the generic cell rate algorithm: one number per key, the time at which its bucket would be full again.
/// Bounded by two generations: when the young one is full it becomes the old one, and what is used moves back. What is dropped had not been used while
/// <paramref name="capacity"/> other keys were.
/// </summary>
/// <param name="quota">Requests per window; as many may come at once.</param>
/// <param name="window">The time in which the whole quota grows back, evenly.</param>
/// <param name="capacity">Keys of a generation.</param>
/// <param name="time">Clock; only its monotonic timestamps are used.</param>
internal sealed class RateLimits(int quota, TimeSpan window, int capacity, TimeProvider time)
{
    private readonly Lock _turn = new();
    private readonly long _window = (long)(window.TotalSeconds * time.TimestampFrequency);
    private readonly long _interval = Math.Max(1, (long)(window.TotalSeconds * time.TimestampFrequency / quota));
    private ConcurrentDictionary<UInt128, Bucket> _young = new();
    private ConcurrentDictionary<UInt128, Bucket> _old = new();

    /// <summary>Keys that are remembered at the moment.</summary>
    public int Count => _young.Count + _old.Count;

    /// <summary>Takes one request out of the key's bucket, if there is one in it.</summary>
    public RateLimitDecision Take(UInt128 key)
    {
        var bucket = Find(key);
        while (true)
        {
            var now = time.GetTimestamp();
            var fullAt = Volatile.Read(ref bucket.FullAt);
            var next = Math.Max(fullAt, now) + _interval;
            if (next - now > _window)
                return new RateLimitDecision(false, 0, Seconds(fullAt - now), Seconds(next - _window - now));
            if (Interlocked.CompareExchange(ref bucket.FullAt, next, fullAt) == fullAt)
                return new RateLimitDecision(true, (int)((_window - (next - now)) / _interval), Seconds(next - now), 0);
        }
    }

    private Bucket Find(UInt128 key)
    {
        if (_young.TryGetValue(key, out var bucket))
            return bucket;
        bucket = _young.GetOrAdd(key, static (k, old) => old.TryGetValue(k, out var known) ? known : new Bucket(), _old);
        if (_young.Count < capacity)
            return bucket;
        lock (_turn)
        {
            if (_young.Count >= capacity)
            {
                _old = _young;
                _young = new ConcurrentDictionary<UInt128, Bucket>();
            }
        }

        return bucket;
    }

    private int Seconds(long timestamps) => (int)Math.Max(1, (timestamps + time.TimestampFrequency - 1) / time.TimestampFrequency);

    private sealed class Bucket
    {
        public long FullAt = long.MinValue / 2;
    }
}
