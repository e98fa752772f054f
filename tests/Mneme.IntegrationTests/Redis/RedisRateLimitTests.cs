using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Mneme.IntegrationTests.Brokers;
using Mneme.IntegrationTests.Platform.Probe;
using Mneme.IntegrationTests.Support;
using Mneme.Platform.Http;
using Mneme.Platform.Messaging;
using Mneme.Platform.Redis;
using Mneme.Platform.Redis.RateLimits;

namespace Mneme.IntegrationTests.Redis;

public sealed class RedisRateLimitTests(SharedRedis redis, SharedApplication shared) : IClassFixture<SharedRedis>
{
    private static readonly RateLimit Ten = new("user", Quota: 10, TimeSpan.FromHours(1));

    private static long _keys;

    private readonly string _prefix = "t" + Guid.NewGuid().ToString("n")[..12];

    [Fact]
    public async Task Instances_share_a_quota_and_none_lets_more_through_however_many_come_at_once()
    {
        await using var first = await SharingAsync(redis.Instance);
        await using var second = await SharingAsync(redis.Instance);

        var decisions = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => Task.Run(() => (i % 2 == 0 ? first : second).TakeAsync(Ten, 7, CancellationToken.None).AsTask())));

        decisions.Count(d => d.IsAllowed).ShouldBe(10);
        decisions.Where(d => d.IsAllowed).Select(d => d.Remaining).Order().ShouldBe(Enumerable.Range(0, 10), "each saw another rest");
        decisions.Where(d => !d.IsAllowed).ShouldAllBe(d => d.Remaining == 0 && d.RetryAfterSeconds > 0 && d.RetryAfterSeconds <= 360 && d.ResetSeconds <= 3600);
        (await first.TakeAsync(Ten, 8, CancellationToken.None)).ShouldBe(new RateLimitDecision(true, 9, ResetSeconds: 360, RetryAfterSeconds: 0), "each key has a bucket of its own");
        (await first.TakeAsync(Ten with { Name = "address" }, 7, CancellationToken.None)).IsAllowed.ShouldBeTrue("and so has each limit");
    }

    [Fact]
    public async Task It_decides_as_memory_does()
    {
        await using var limits = await SharingAsync(redis.Instance);
        var memory = new MemoryRateLimits(new StandingClock());

        // Less than a second of these hours passes meanwhile.
        for (var i = 0; i < 12; i++)
        {
            var (here, there) = (await memory.TakeAsync(Ten, 1, CancellationToken.None), await limits.TakeAsync(Ten, 1, CancellationToken.None));
            there.IsAllowed.ShouldBe(here.IsAllowed);
            there.Remaining.ShouldBe(here.Remaining);
            Math.Abs(there.ResetSeconds - here.ResetSeconds).ShouldBeLessThan(60);
            Math.Abs(there.RetryAfterSeconds - here.RetryAfterSeconds).ShouldBeLessThan(60);
        }
    }

    [Fact]
    public async Task A_bucket_is_forgotten_when_it_is_full_again()
    {
        await using var limits = await SharingAsync(redis.Instance);

        await limits.TakeAsync(new RateLimit("user", 100, TimeSpan.FromSeconds(100)), 3, CancellationToken.None);

        var key = $"{_prefix}.limit.user.{3:x32}";
        (await redis.Instance.NumberAsync("PTTL", key)).ShouldBeLessThanOrEqualTo(1000);
        await Eventually.TrueAsync(async () => await redis.Instance.NumberAsync("EXISTS", key) == 0, "it is full again after a second");
    }

    [Fact]
    public async Task While_Redis_is_frozen_or_away_each_instance_counts_for_itself_and_shares_again_afterwards()
    {
        await using var own = await RedisInstance.StartNewAsync();
        await using var limits = await SharingAsync(own);

        own.Freeze();
        (await limits.TakeAsync(Ten, 5, CancellationToken.None)).ShouldBe(new RateLimitDecision(true, 9, ResetSeconds: 360, RetryAfterSeconds: 0));
        for (var i = 0; i < 9; i++)
            (await limits.TakeAsync(Ten, 5, CancellationToken.None)).IsAllowed.ShouldBeTrue();
        (await limits.TakeAsync(Ten, 5, CancellationToken.None)).IsAllowed.ShouldBeFalse("the limit holds without Redis, too");
        own.Thaw();
        await SharedAsync(limits, own);

        await own.KillAsync();
        (await limits.TakeAsync(Ten, 6, CancellationToken.None)).IsAllowed.ShouldBeTrue();
        await own.StartAsync();
        await SharedAsync(limits, own);
    }

    [Fact]
    public async Task Requests_to_one_instance_count_at_the_other()
    {
        (string, string)[] settings = [("Redis:Url", redis.Instance.Address.ToString()), ("Http:RequestsPerMinutePerUser", "30"), ("Messaging:Prefix", _prefix)];
        await using var first = await ProbeApplication.StartAsync(shared.Postgres, _prefix, null, settings);
        await using var second = await ProbeApplication.StartAsync(shared.Postgres, _prefix, first.App.Clock, settings);
        foreach (var instance in new[] { first, second })
        {
            // The first request makes it connect.
            await Eventually.TrueAsync(
                async () =>
                {
                    using var anybody = instance.App.ClientOf(Guid.NewGuid());
                    await anybody.GetAsync($"probe/things/{Guid.NewGuid()}");
                    return (await redis.Instance.CommandAsync("CLIENT", "LIST")).Split('\n').Count(line => line.Contains("name=mneme-limits", StringComparison.Ordinal)) >= (instance == first ? 1 : 2);
                },
                "it counts in Redis");
        }

        var user = Guid.NewGuid();
        using var here = first.App.ClientOf(user);
        using var there = second.App.ClientOf(user);
        var answers = new List<HttpStatusCode>();
        for (var i = 0; i < 50; i++)
            answers.Add((await (i % 2 == 0 ? here : there).GetAsync($"probe/things/{Guid.NewGuid()}")).StatusCode);

        // Two grow back in each second that this takes.
        answers.Take(30).ShouldAllBe(status => status == HttpStatusCode.NotFound);
        answers.ShouldContain(HttpStatusCode.TooManyRequests);
    }

    private async Task<RedisRateLimits> SharingAsync(RedisInstance instance)
    {
        var limits = new RedisRateLimits(
            "limit",
            new BestEffortRedis(new RedisClient(RedisConnections.Connector(instance.Address, TimeSpan.FromSeconds(2)), "limits", TimeProvider.System), RedisRateLimits.Meanwhile, TimeProvider.System, NullLogger.Instance),
            new MemoryRateLimits(new StandingClock()), new MessagingOptions { Prefix = _prefix });
        await SharedAsync(limits, instance);
        return limits;
    }

    /// <summary>Returns when requests are counted in Redis.</summary>
    private async Task SharedAsync(RedisRateLimits limits, RedisInstance instance)
    {
        var key = (UInt128)(ulong)Interlocked.Increment(ref _keys) + 1000;
        await Eventually.TrueAsync(
            async () =>
            {
                await limits.TakeAsync(new RateLimit("user", 100_000, TimeSpan.FromDays(100)), key, CancellationToken.None);
                return await instance.NumberAsync("EXISTS", $"{_prefix}.limit.user.{key:x32}") == 1;
            },
            "it counts in Redis");
    }

    /// <summary>So that nothing grows back while a loaded machine is slow.</summary>
    private sealed class StandingClock : TimeProvider
    {
        public override long GetTimestamp() => 1_000_000_000_000;
    }
}
