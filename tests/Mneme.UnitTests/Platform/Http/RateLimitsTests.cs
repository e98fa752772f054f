using System.Net;
using Mneme.Platform.Http;

namespace Mneme.UnitTests.Platform.Http;

public sealed class RateLimitsTests
{
    private readonly ManualClock _clock = new();

    [Fact]
    public void As_many_as_the_quota_may_come_at_once_and_then_one_per_interval()
    {
        var limits = new RateLimits(quota: 6, TimeSpan.FromSeconds(60), capacity: 100, _clock);
        for (var remaining = 5; remaining >= 0; remaining--)
            limits.Take(1).ShouldBe(new RateLimitDecision(true, remaining, ResetSeconds: (6 - remaining) * 10, RetryAfterSeconds: 0));
        limits.Take(1).ShouldBe(new RateLimitDecision(false, 0, ResetSeconds: 60, RetryAfterSeconds: 10));
        _clock.Advance(TimeSpan.FromSeconds(9.5));
        limits.Take(1).RetryAfterSeconds.ShouldBe(1);
        _clock.Advance(TimeSpan.FromSeconds(0.5));
        limits.Take(1).IsAllowed.ShouldBeTrue();
        limits.Take(1).IsAllowed.ShouldBeFalse();
        _clock.Advance(TimeSpan.FromHours(1));
        limits.Take(1).Remaining.ShouldBe(5);
    }

    [Fact]
    public void Each_key_has_a_bucket_of_its_own()
    {
        var limits = new RateLimits(1, TimeSpan.FromMinutes(1), 100, _clock);
        limits.Take(1).IsAllowed.ShouldBeTrue();
        limits.Take(1).IsAllowed.ShouldBeFalse();
        limits.Take(2).IsAllowed.ShouldBeTrue();
    }

    [Fact]
    public void Memory_is_bounded_and_who_keeps_calling_stays_limited()
    {
        var limits = new RateLimits(1, TimeSpan.FromHours(1), capacity: 50, _clock);
        limits.Take(0).IsAllowed.ShouldBeTrue();
        for (var key = 1; key < 10_000; key++)
        {
            limits.Take((UInt128)key).IsAllowed.ShouldBeTrue();
            if (key % 20 == 0)
                limits.Take(0).IsAllowed.ShouldBeFalse();
            limits.Count.ShouldBeLessThanOrEqualTo(100);
        }
    }

    [Fact]
    public void Threads_together_get_exactly_the_quota()
    {
        var limits = new RateLimits(1000, TimeSpan.FromHours(1), 10, _clock);
        var allowed = 0;
        Parallel.For(0, 4000, _ =>
        {
            if (limits.Take(7).IsAllowed)
                Interlocked.Increment(ref allowed);
        });
        allowed.ShouldBe(1000);
    }

    [Theory]
    [InlineData("192.0.2.1", "192.0.2.1", true)]
    [InlineData("192.0.2.1", "192.0.2.2", false)]
    [InlineData("192.0.2.1", "::ffff:192.0.2.1", true)]
    [InlineData("::ffff:192.0.2.1", "::ffff:192.0.2.2", false)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:3::1", false)]
    public void An_IPv4_address_or_an_IPv6_network_of_64_bits_is_one_caller(string one, string other, bool same) =>
        (RateLimiting.Key(IPAddress.Parse(one)) == RateLimiting.Key(IPAddress.Parse(other))).ShouldBe(same);

    private sealed class ManualClock : TimeProvider
    {
        private long _now = 1_000_000_000;

        public override long TimestampFrequency => 1_000_000_000;

        public void Advance(TimeSpan by) => _now += (long)(by.TotalSeconds * TimestampFrequency);

        public override long GetTimestamp() => _now;
    }
}
