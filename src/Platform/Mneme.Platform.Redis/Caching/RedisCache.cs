using System.Buffers;
using System.Text;
using Microsoft.Extensions.Caching.Distributed;
using Mneme.Platform.Messaging;
using Mneme.Platform.Redis.Resp;

namespace Mneme.Platform.Redis.Caching;

/// <summary>
/// The distributed cache in Redis: a hash per entry, <c>&lt;prefix&gt;.cache.&lt;key&gt;</c>, with its value and, if it slides, how far and until when. Redis forgets it when its time is over.
/// </summary>
/// <remarks>
/// While Redis is away nothing is found and nothing is kept, and no caller reads an exception: who uses a cache can do without it. What was to be removed or replaced meanwhile may therefore be found again
/// afterwards, until it expires. Expiry is counted in durations, from this process' clock to Redis' own, so that clocks need not agree.
/// </remarks>
internal sealed class RedisCache(BestEffortRedis redis, MessagingOptions messaging, TimeProvider time) : IBufferDistributedCache, IAsyncDisposable
{
    /// <summary>For <see cref="BestEffortRedis"/>.</summary>
    public const string Meanwhile = "nothing is found in the cache, and nothing is kept";

    // The server's clock in milliseconds, as all instances share it.
    private const string Now = """
        local time = redis.call('TIME')
        local now = time[1] * 1000 + math.floor(time[2] / 1000)

        """;

    // Replaces the entry; one that is refused, because Redis is full, at least takes the old one with it. The value comes first: a script that has written anything is refused nothing more, however full Redis is.
    // ARGV: the value; in ms how long it may lie unread, and how long it may live (0: as long as it wants).
    private const string Store = Now + """
        local stored = redis.pcall('HSET', KEYS[1], 'value', ARGV[1])
        if type(stored) == 'table' then
            redis.call('DEL', KEYS[1])
            return stored
        end
        local sliding, rest = tonumber(ARGV[2]), tonumber(ARGV[3])
        redis.call('HDEL', KEYS[1], 'sliding', 'until')
        if sliding > 0 then redis.call('HSET', KEYS[1], 'sliding', ARGV[2]) end
        if sliding > 0 and rest > 0 then redis.call('HSET', KEYS[1], 'until', string.format('%.0f', now + rest)) end
        local life = rest
        if sliding > 0 and (rest == 0 or sliding < rest) then life = sliding end
        if life > 0 then redis.call('PEXPIRE', KEYS[1], string.format('%.0f', life)) else redis.call('PERSIST', KEYS[1]) end
        """;

    // Lets an entry that slides live on, never beyond its end.
    private const string Slide = Now + """
        local kept = redis.call('HMGET', KEYS[1], 'sliding', 'until')
        if kept[1] then
            local life = tonumber(kept[1])
            if kept[2] then life = math.min(life, tonumber(kept[2]) - now) end
            redis.call('PEXPIRE', KEYS[1], string.format('%.0f', life))
        end

        """;

    private const string Read = Slide + "return redis.call('HGET', KEYS[1], 'value')";

    // Without it, two keys that differ only in halves of surrogate pairs would be one.
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public async Task<byte[]?> GetAsync(string key, CancellationToken token = default) =>
        await redis.TryExecuteAsync(RespCommand.Of("EVAL", Read, 1, Name(key)), token) is { IsNull: false } value ? value.Bytes : null;

    public async ValueTask<bool> TryGetAsync(string key, IBufferWriter<byte> destination, CancellationToken token = default)
    {
        ArgumentNullException.ThrowIfNull(destination);
        if (await GetAsync(key, token) is not { } value)
            return false;
        destination.Write(value);
        return true;
    }

    public async Task SetAsync(string key, byte[] value, DistributedCacheEntryOptions options, CancellationToken token = default)
    {
        ArgumentNullException.ThrowIfNull(value);
        ArgumentNullException.ThrowIfNull(options);
        var (name, life) = (Name(key), Life(options));
        // What is over before it began replaces what was there all the same, as it does in memory.
        await redis.TryExecuteAsync(
            life <= TimeSpan.Zero ? RespCommand.Of("DEL", name) : RespCommand.Of("EVAL", Store, 1, name, value, Milliseconds(options.SlidingExpiration), Milliseconds(life)), token);
    }

    public async ValueTask SetAsync(string key, ReadOnlySequence<byte> value, DistributedCacheEntryOptions options, CancellationToken token = default) => await SetAsync(key, value.ToArray(), options, token);

    public async Task RefreshAsync(string key, CancellationToken token = default) => await redis.TryExecuteAsync(RespCommand.Of("EVAL", Slide, 1, Name(key)), token);

    public async Task RemoveAsync(string key, CancellationToken token = default) => await redis.TryExecuteAsync(RespCommand.Of("DEL", Name(key)), token);

    public byte[]? Get(string key) => Wait(() => GetAsync(key));

    public bool TryGet(string key, IBufferWriter<byte> destination) => Wait(() => TryGetAsync(key, destination).AsTask());

    public void Set(string key, byte[] value, DistributedCacheEntryOptions options) => Wait(() => SetAsync(key, value, options));

    public void Set(string key, ReadOnlySequence<byte> value, DistributedCacheEntryOptions options) => Set(key, value.ToArray(), options);

    public void Refresh(string key) => Wait(() => RefreshAsync(key));

    public void Remove(string key) => Wait(() => RemoveAsync(key));

    // The contract has synchronous methods, and the one connection of all callers is read asynchronously: a caller's thread can but wait for another to bring its reply, though no longer than the patience of
    // BestEffortRedis. On a thread of the pool, so that nothing waits for the caller's own synchronisation context.
    private static T Wait<T>(Func<Task<T>> act) => Task.Run(act).GetAwaiter().GetResult();

    private static void Wait(Func<Task> act) => Task.Run(act).GetAwaiter().GetResult();

    private byte[] Name(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        try
        {
            return Utf8.GetBytes($"{messaging.Prefix}.cache.{key}");
        }
        catch (EncoderFallbackException e)
        {
            throw new ArgumentException("The key of a cache's entry must be valid Unicode: this one contains half of a surrogate pair.", nameof(key), e);
        }
    }

    /// <summary>From now to the entry's end, the earlier if two are given; null if it has none.</summary>
    private TimeSpan? Life(DistributedCacheEntryOptions options)
    {
        var rest = options.AbsoluteExpiration - time.GetUtcNow();
        return rest is null || options.AbsoluteExpirationRelativeToNow < rest ? options.AbsoluteExpirationRelativeToNow : rest;
    }

    private static long Milliseconds(TimeSpan? duration) => duration is { } some ? Math.Max(1, (long)some.TotalMilliseconds) : 0;

    public ValueTask DisposeAsync() => redis.DisposeAsync();
}
