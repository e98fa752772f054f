using System.Globalization;
using Mneme.Platform.Http;
using Mneme.Platform.Messaging;
using Mneme.Platform.Redis.Resp;

namespace Mneme.Platform.Redis.RateLimits;

/// <summary>
/// Counts in Redis, for all instances together. While Redis does not answer each instance counts for itself: closing would turn an outage of a counter into one of the whole, and
/// opening would lift the limits for whoever brings the counter down.
/// </summary>
internal sealed class RedisRateLimits(string counters, BestEffortRedis redis, MemoryRateLimits own, MessagingOptions messaging) : IRateLimits, IAsyncDisposable
{
    /// <summary>For <see cref="BestEffortRedis"/>.</summary>
    public const string Meanwhile = "each instance counts requests for itself";

    // The generic cell rate algorithm, as in memory: the time at which the bucket would be full again, in microseconds of the server's clock, which all share. ARGV: interval, window.
    private const string Take = """
        local time = redis.call('TIME')
        local now = time[1] * 1000000 + time[2]
        local full = math.max(tonumber(redis.call('GET', KEYS[1]) or 0), now)
        local after = full + tonumber(ARGV[1])
        if after - now > tonumber(ARGV[2]) then return { 0, full - now, after - ARGV[2] - now } end
        redis.call('SET', KEYS[1], string.format('%.0f', after), 'PX', math.ceil((after - now) / 1000))
        return { 1, after - now, 0 }
        """;

    public async ValueTask<RateLimitDecision> TakeAsync(RateLimit limit, UInt128 key, CancellationToken ct)
    {
        var window = limit.Window.Ticks / TimeSpan.TicksPerMicrosecond;
        var interval = Math.Max(1, window / limit.Quota);
        var name = string.Create(CultureInfo.InvariantCulture, $"{messaging.Prefix}.{counters}.{limit.Name}.{key:x32}");
        var reply = await redis.TryExecuteAsync(RespCommand.Of("EVAL", Take, 1, name, interval, window), ct);
        if (reply?.Items is not [var isAllowed, var untilFull, var untilOne])
            return await own.TakeAsync(limit, key, ct);
        return new RateLimitDecision(
            isAllowed.AsInteger() == 1, isAllowed.AsInteger() == 1 ? (int)((window - untilFull.AsInteger()) / interval) : 0, Seconds(untilFull.AsInteger()),
            isAllowed.AsInteger() == 1 ? 0 : Seconds(untilOne.AsInteger()));
    }

    private static int Seconds(long microseconds) => (int)Math.Max(1, (microseconds + 999_999) / 1_000_000);

    public ValueTask DisposeAsync() => redis.DisposeAsync();
}
