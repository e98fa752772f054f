using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Mneme.IntegrationTests.Brokers;
using Mneme.IntegrationTests.Platform.Caching;
using Mneme.IntegrationTests.Support;
using Mneme.Platform.Messaging;
using Mneme.Platform.Redis;
using Mneme.Platform.Redis.Caching;

namespace Mneme.IntegrationTests.Redis.Caching;

public sealed class RedisCacheTests : DistributedCacheContract, IClassFixture<SharedRedis>, IAsyncDisposable
{
    private static readonly DistributedCacheEntryOptions Forever = new();

    // By Redis' own clock nobody can wait; the entries are made older instead. ARGV: pattern, ms.
    private const string Age = """
        for _, key in ipairs(redis.call('KEYS', ARGV[1])) do
            if redis.call('HEXISTS', key, 'until') == 1 then redis.call('HINCRBY', key, 'until', -ARGV[2]) end
            local rest = redis.call('PTTL', key)
            if rest >= 0 then redis.call('PEXPIRE', key, rest - ARGV[2]) end
        end
        """;

    private readonly SharedRedis _redis;
    private readonly string _prefix = "t" + Guid.NewGuid().ToString("n")[..12];
    private readonly RedisCache _cache;

    public RedisCacheTests(SharedRedis redis)
    {
        _redis = redis;
        _cache = CacheOn(redis.Instance);
    }

    protected override IDistributedCache Cache => _cache;

    protected override async Task PassAsync(TimeSpan time)
    {
        Clock.Advance(time);
        await _redis.Instance.CommandAsync("EVAL", Age, "0", $"{_prefix}.*", ((long)time.TotalMilliseconds).ToString(CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task Redis_forgets_by_its_own_clock()
    {
        await _cache.SetAsync("brief", [1], new DistributedCacheEntryOptions { AbsoluteExpirationRelativeToNow = TimeSpan.FromMilliseconds(50) });
        await _cache.SetAsync("sliding", [1], new DistributedCacheEntryOptions { SlidingExpiration = TimeSpan.FromMilliseconds(50) });

        await Eventually.TrueAsync(async () => (await _redis.Instance.CommandAsync("KEYS", $"{_prefix}.*")).Length == 0, "both are forgotten");
    }

    [Fact]
    public async Task Instances_share_entries_and_installations_do_not()
    {
        await using var other = CacheOn(_redis.Instance);
        await using var foreign = CacheOn(_redis.Instance, prefix: _prefix + "x");

        await _cache.SetAsync("users:1", [1], Forever);

        (await other.GetAsync("users:1")).ShouldBe([1]);
        (await foreign.GetAsync("users:1")).ShouldBeNull();
        (await _redis.Instance.CommandAsync("KEYS", $"{_prefix}*")).ShouldBe($"{_prefix}.cache.users:1", "all that is kept is under this name");
        await other.RemoveAsync("users:1");
        (await _cache.GetAsync("users:1")).ShouldBeNull();
    }

    [Fact]
    public async Task Buffers_are_read_and_written()
    {
        var destination = new ArrayBufferWriter<byte>();
        await _cache.SetAsync("buffer", TwoPieces([1, 2], [3]), Forever, CancellationToken.None);

        (await _cache.TryGetAsync("buffer", destination)).ShouldBeTrue();
        destination.WrittenSpan.ToArray().ShouldBe([1, 2, 3]);
        (await _cache.TryGetAsync("nothing", destination)).ShouldBeFalse();

        _cache.Set("buffer", TwoPieces([4], []), Forever);
        _cache.TryGet("buffer", destination).ShouldBeTrue();
        destination.WrittenSpan.ToArray().ShouldBe([1, 2, 3, 4]);
        _cache.TryGet("nothing", destination).ShouldBeFalse();
    }

    [Fact]
    public async Task Half_of_a_surrogate_pair_is_no_key()
    {
        (await Should.ThrowAsync<ArgumentException>(() => _cache.GetAsync("a\ud83e"))).Message.ShouldContain("must be valid Unicode");
    }

    [Fact]
    public async Task Who_has_given_up_is_told_so()
    {
        await Should.ThrowAsync<OperationCanceledException>(() => _cache.GetAsync("key", new CancellationToken(canceled: true)));
        await Should.ThrowAsync<OperationCanceledException>(() => _cache.SetAsync("key", [1], Forever, new CancellationToken(canceled: true)));
        (await _cache.GetAsync("key")).ShouldBeNull();
    }

    [Fact]
    public async Task While_Redis_is_away_nothing_is_found_nobody_reads_an_exception_and_the_log_says_it_once()
    {
        var log = new LogRecorder();
        await using var own = await RedisInstance.StartNewAsync();
        await using var cache = CacheOn(own, log: log);
        await cache.SetAsync("key", [1], Forever);
        (await cache.GetAsync("key")).ShouldBe([1]);

        await own.KillAsync();
        for (var i = 0; i < 10; i++)
        {
            await cache.SetAsync("key", [2], Forever);
            (await cache.GetAsync("key")).ShouldBeNull();
            cache.Get("key").ShouldBeNull();
            await cache.RefreshAsync("key");
            await cache.RemoveAsync("key");
        }

        log.Lines.ShouldHaveSingleItem().ShouldBe("Warning: Redis is away; until it is back, nothing is found in the cache, and nothing is kept");
        await own.StartAsync();
        await WorksAsync(cache);
        log.Lines.Skip(1).ShouldHaveSingleItem().ShouldBe("Information: Redis is back, and it is no longer so that nothing is found in the cache, and nothing is kept");
    }

    [Fact]
    public async Task A_Redis_that_hangs_keeps_nobody_waiting_for_it()
    {
        await using var own = await RedisInstance.StartNewAsync();
        // Who waited for Redis would wait for a minute.
        await using var cache = CacheOn(own, commandTimeout: TimeSpan.FromMinutes(1), patience: BestEffortRedis.Patience);
        await WorksAsync(cache);

        own.Freeze();
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < 20; i++)
            (await cache.GetAsync("key")).ShouldBeNull();
        Stopwatch.GetElapsedTime(start).ShouldBeLessThan(TimeSpan.FromSeconds(50));
        own.Thaw();
        await WorksAsync(cache);
    }

    [Fact]
    public async Task A_Redis_that_is_full_is_read_and_no_longer_written_and_that_is_logged_once()
    {
        var log = new LogRecorder();
        await using var own = await RedisInstance.StartNewAsync();
        await using var cache = CacheOn(own, log: log);
        await cache.SetAsync("kept", [1], new DistributedCacheEntryOptions { SlidingExpiration = TimeSpan.FromHours(1) });
        await cache.SetAsync("replaced", [1], Forever);
        await own.CommandAsync("CONFIG", "SET", "maxmemory", "1");

        await cache.SetAsync("replaced", [2], Forever);
        (await cache.GetAsync("replaced")).ShouldBeNull("it is not what it was any more");
        for (var i = 0; i < 5; i++)
        {
            await cache.SetAsync("new", [2], Forever);
            (await cache.GetAsync("new")).ShouldBeNull();
            (await cache.GetAsync("kept")).ShouldBe([1]);
        }

        log.Lines.ShouldHaveSingleItem().ShouldStartWith("Warning: Redis refuses EVAL; where it does, nothing is found in the cache, and nothing is kept");
    }

    private RedisCache CacheOn(RedisInstance instance, string? prefix = null, ILogger? log = null, TimeSpan? commandTimeout = null, TimeSpan? patience = null)
    {
        var client = new RedisClient(RedisConnections.Connector(instance.Address, commandTimeout), "cache", TimeProvider.System);
        // A loaded machine is no Redis that hangs.
        var redis = new BestEffortRedis(client, RedisCache.Meanwhile, TimeProvider.System, log ?? NullLogger.Instance, patience ?? TimeSpan.FromSeconds(30));
        return new RedisCache(redis, new MessagingOptions { Prefix = prefix ?? _prefix }, Clock);
    }

    private static Task WorksAsync(RedisCache cache) => Eventually.TrueAsync(
        async () =>
        {
            await cache.SetAsync("works", [1], Forever);
            return await cache.GetAsync("works") is not null;
        },
        "the cache works");

    private static ReadOnlySequence<byte> TwoPieces(byte[] first, byte[] second)
    {
        var start = new Piece(first, null);
        return new ReadOnlySequence<byte>(start, 0, new Piece(second, start), second.Length);
    }

    private sealed class Piece : ReadOnlySequenceSegment<byte>
    {
        public Piece(byte[] bytes, Piece? before)
        {
            Memory = bytes;
            if (before is null)
                return;
            RunningIndex = before.RunningIndex + before.Memory.Length;
            before.Next = this;
        }
    }

    public ValueTask DisposeAsync() => _cache.DisposeAsync();
}
