using Mneme.Platform.Security;

namespace Mneme.UnitTests.Platform.Security;

public sealed class AccessTokenCacheTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);

    private readonly AccessTokenCache _cache = new(capacity: 10);

    [Fact]
    public void An_entry_ends_with_its_token()
    {
        var token = Token(expiresAt: Now.AddMinutes(1));
        _cache.Add(Hash(1), token);

        _cache.Find(Hash(1), Now.AddSeconds(59)).ShouldBe(token);
        _cache.Find(Hash(1), Now.AddSeconds(60)).ShouldBeNull();
        _cache.Find(Hash(2), Now).ShouldBeNull();
    }

    [Fact]
    public void What_is_used_stays_and_what_is_not_makes_room()
    {
        var used = Token(Now.AddHours(1));
        _cache.Add(Hash(0), used);
        _cache.Add(Hash(1), Token(Now.AddHours(1)));

        for (var i = 2; i < 100; i++)
        {
            _cache.Add(Hash(i), Token(Now.AddHours(1)));
            _cache.Find(Hash(0), Now).ShouldBe(used);
        }

        _cache.Find(Hash(1), Now).ShouldBeNull();
        Enumerable.Range(0, 100).Count(i => _cache.Find(Hash(i), Now) is not null).ShouldBeLessThanOrEqualTo(20);
    }

    private static TokenHash Hash(int n) => new(0, (UInt128)n);

    private static VerifiedToken Token(DateTimeOffset expiresAt) =>
        new(new ActorPrincipal(new Actor(Guid.NewGuid(), Roles.User, Guid.NewGuid(), TimeZoneInfo.Utc, Now)), expiresAt);
}
