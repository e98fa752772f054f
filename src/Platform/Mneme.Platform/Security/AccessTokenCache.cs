using System.Collections.Concurrent;

namespace Mneme.Platform.Security;

/// <summary>
/// Verified tokens by the SHA-256 of the token, bounded by two generations: when the young one is full it becomes the old one, and what is used
/// moves back. An entry ends with its token's expiry; revoked sessions are refused by <see cref="RevokedSessions"/> on every use.
/// </summary>
internal sealed class AccessTokenCache(int capacity = 20_000)
{
    private readonly Lock _turn = new();
    private ConcurrentDictionary<TokenHash, VerifiedToken> _young = new();
    private ConcurrentDictionary<TokenHash, VerifiedToken> _old = new();

    public VerifiedToken? Find(TokenHash hash, DateTimeOffset now)
    {
        if (!_young.TryGetValue(hash, out var token) && _old.TryGetValue(hash, out token))
            Add(hash, token);
        return token is not null && token.ExpiresAt > now ? token : null;
    }

    public void Add(TokenHash hash, VerifiedToken token)
    {
        _young[hash] = token;
        if (_young.Count < capacity)
            return;
        lock (_turn)
        {
            if (_young.Count < capacity)
                return;
            _old = _young;
            _young = new ConcurrentDictionary<TokenHash, VerifiedToken>();
        }
    }
}

/// <summary>SHA-256 of a token: the cache never holds the token itself.</summary>
internal readonly record struct TokenHash(UInt128 High, UInt128 Low);

/// <param name="Principal">The caller.</param>
/// <param name="ExpiresAt">The token's expiry with the allowed skew.</param>
internal sealed record VerifiedToken(ActorPrincipal Principal, DateTimeOffset ExpiresAt);
