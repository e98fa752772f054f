using System.Globalization;
using Microsoft.Extensions.Logging;
using Mneme.Platform.Http;
using Mneme.Platform.Messaging;
using Mneme.Platform.Redis.Resp;

namespace Mneme.Platform.Redis.RateLimits;

/// <summary>
/// Counts in Redis, for all instances together. While Redis does not answer each instance counts for itself: closing would turn an outage of a counter into one of the whole, and
/// opening would lift the limits for whoever brings the counter down. No request waits for a connection, and none longer than <see cref="Patience"/> for an answer.
/// </summary>
internal sealed partial class RedisRateLimits(
    string counters, RedisConnector connector, MemoryRateLimits own, MessagingOptions messaging, TimeProvider time, ILogger<RedisRateLimits> logger) : IRateLimits, IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(250);

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

    private readonly RedisClient _client = new(connector, "limits", time);
    private readonly Lock _turn = new();
    private Task _connecting = Task.CompletedTask;
    private bool _isAlone;

    public async ValueTask<RateLimitDecision> TakeAsync(RateLimit limit, UInt128 key, CancellationToken ct)
    {
        if (_client.Current is not { } server)
        {
            Connect();
            return await own.TakeAsync(limit, key, ct);
        }

        var window = limit.Window.Ticks / TimeSpan.TicksPerMicrosecond;
        var interval = Math.Max(1, window / limit.Quota);
        try
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"{messaging.Prefix}.{counters}.{limit.Name}.{key:x32}");
            var reply = await server.ExecuteAsync(RespCommand.Of("EVAL", Take, 1, name, interval, window), Patience, ct);
            if (reply.Items is not [var isAllowed, var untilFull, var untilOne])
                throw new RespProtocolException("Redis did not answer with a decision.");
            Alone(null);
            return new RateLimitDecision(
                isAllowed.AsInteger() == 1, isAllowed.AsInteger() == 1 ? (int)((window - untilFull.AsInteger()) / interval) : 0, Seconds(untilFull.AsInteger()),
                isAllowed.AsInteger() == 1 ? 0 : Seconds(untilOne.AsInteger()));
        }
        catch (RedisException e)
        {
            Alone(e);
            return await own.TakeAsync(limit, key, ct);
        }
    }

    /// <summary>Connects beside the requests. The client makes pauses between attempts that fail.</summary>
    private void Connect()
    {
        lock (_turn)
        {
            if (_connecting.IsCompleted)
                _connecting = ConnectAsync();
        }
    }

    private async Task ConnectAsync()
    {
        try
        {
            await _client.ServerAsync(CancellationToken.None);
        }
        catch (RedisException e)
        {
            Alone(e);
        }
    }

    private void Alone(RedisException? reason)
    {
        if (Interlocked.Exchange(ref _isAlone, reason is not null) == reason is not null)
            return;
        if (reason is not null)
            LogAlone(reason);
        else
            LogShared();
    }

    private static int Seconds(long microseconds) => (int)Math.Max(1, (microseconds + 999_999) / 1_000_000);

    public async ValueTask DisposeAsync()
    {
        await _connecting;
        await _client.DisposeAsync();
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Redis does not count requests; until it does, this instance counts its own")]
    private partial void LogAlone(Exception exception);

    [LoggerMessage(Level = LogLevel.Information, Message = "Requests are counted in Redis, for all instances together")]
    private partial void LogShared();
}
