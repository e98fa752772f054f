namespace Mneme.Identity.Domain;

/// <summary>
/// A sign-in that lasts: a family of refresh tokens of which one is good at any time. Ended sessions are deleted with their tokens.
/// </summary>
internal sealed class Session
{
    /// <summary>A refresh token lives so long when it is not used.</summary>
    public static readonly TimeSpan IdleLifetime = TimeSpan.FromDays(14);

    /// <summary>A session ends after so long, however busy.</summary>
    public static readonly TimeSpan AbsoluteLifetime = TimeSpan.FromDays(90);

    public const int MaxUserAgent = 200;

    private Session()
    {
    }

    public Guid Id { get; private init; }

    public Guid UserId { get; private init; }

    /// <summary>When the person proved who they are.</summary>
    public DateTimeOffset StartedAt { get; private init; }

    public DateTimeOffset LastUsedAt { get; private set; }

    public DateTimeOffset ExpiresAt { get; private init; }

    public string Address { get; private set; } = "";

    public string? UserAgent { get; private set; }

    public static Session Start(Guid userId, string address, string? userAgent, DateTimeOffset now) => new()
    {
        Id = Guid.CreateVersion7(now),
        UserId = userId,
        StartedAt = now,
        LastUsedAt = now,
        ExpiresAt = now + AbsoluteLifetime,
        Address = address,
        UserAgent = userAgent,
    };

    public RefreshToken Issue(SecretToken secret, DateTimeOffset now) =>
        new(secret.Hash, Id, now + IdleLifetime < ExpiresAt ? now + IdleLifetime : ExpiresAt);

    public void Touch(string address, string? userAgent, DateTimeOffset now) => (LastUsedAt, Address, UserAgent) = (now, address, userAgent);
}

/// <summary>What presenting a refresh token means.</summary>
internal enum RefreshVerdict
{
    /// <summary>It is the good one of its family: rotate.</summary>
    Good,

    /// <summary>It was used by this very request before, whose answer was lost: rotate again, and let the successor that nobody received be good no more.</summary>
    Retried,

    /// <summary>It had its time.</summary>
    Expired,

    /// <summary>It was used before: somebody has a copy. End the family.</summary>
    Reused,
}

/// <summary>One token of a session's family, by its hash.</summary>
internal sealed class RefreshToken
{
    /// <summary>How long a client may repeat a request whose answer it did not get.</summary>
    public static readonly TimeSpan RetryWindow = TimeSpan.FromMinutes(1);

    private RefreshToken()
    {
    }

    public RefreshToken(byte[] hash, Guid sessionId, DateTimeOffset expiresAt) => (Hash, SessionId, ExpiresAt) = (hash, sessionId, expiresAt);

    public byte[] Hash { get; private init; } = [];

    public Guid SessionId { get; private init; }

    public DateTimeOffset ExpiresAt { get; private init; }

    public DateTimeOffset? UsedAt { get; private set; }

    /// <summary>Hash of the token that was given for this one.</summary>
    public byte[]? Successor { get; private set; }

    /// <summary>Hash of the Idempotency-Key of the request that used it, if it had one.</summary>
    public byte[]? RetryKey { get; private set; }

    /// <param name="retryKey">Hash of the request's Idempotency-Key.</param>
    /// <param name="successor">The token that was given for this one, if it was used.</param>
    /// <param name="now">The present.</param>
    public RefreshVerdict Judge(byte[]? retryKey, RefreshToken? successor, DateTimeOffset now)
    {
        if (UsedAt is null)
            return ExpiresAt > now ? RefreshVerdict.Good : RefreshVerdict.Expired;
        return retryKey is not null && RetryKey is not null && retryKey.AsSpan().SequenceEqual(RetryKey) && UsedAt + RetryWindow > now && successor is { UsedAt: null }
            ? RefreshVerdict.Retried
            : RefreshVerdict.Reused;
    }

    public void Use(RefreshToken successor, byte[]? retryKey, DateTimeOffset now) => (UsedAt, Successor, RetryKey) = (UsedAt ?? now, successor.Hash, retryKey);

    /// <summary>Nobody received it: whoever presents it has stolen it.</summary>
    public void Supersede(DateTimeOffset now) => UsedAt = now;
}

/// <summary>A device that its owner has signed in from. Its token lets it in while guessing from elsewhere is refused; it signs nobody in by itself.</summary>
internal sealed class KnownDevice
{
    /// <summary>A device that was not used for so long is forgotten.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromDays(180);

    private KnownDevice()
    {
    }

    public KnownDevice(Guid userId, SecretToken token, DateTimeOffset now) =>
        (Id, UserId, TokenHash, LastUsedAt) = (Guid.CreateVersion7(now), userId, token.Hash, now);

    public Guid Id { get; private init; }

    public Guid UserId { get; private init; }

    public byte[] TokenHash { get; private init; } = [];

    public DateTimeOffset LastUsedAt { get; private set; }

    public void Touch(DateTimeOffset now) => LastUsedAt = now;
}
