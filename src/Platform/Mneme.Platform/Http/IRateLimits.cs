namespace Mneme.Platform.Http;

/// <summary>Counts requests. Adapters: this process's memory, and Redis, where all instances count together.</summary>
public interface IRateLimits
{
    /// <summary>Takes one request out of the key's bucket, if there is one in it. Counting never fails a request: an adapter that cannot reach its store counts by itself meanwhile.</summary>
    /// <param name="limit">Which limit.</param>
    /// <param name="key">Whose requests.</param>
    /// <param name="ct">The request is given up.</param>
    ValueTask<RateLimitDecision> TakeAsync(RateLimit limit, UInt128 key, CancellationToken ct);
}

/// <param name="Name">As callers see it; lower-case letters.</param>
/// <param name="Quota">Requests per window; as many may come at once.</param>
/// <param name="Window">The time in which the whole quota grows back, evenly.</param>
public sealed record RateLimit(string Name, int Quota, TimeSpan Window);

/// <param name="IsAllowed">Whether the request may pass.</param>
/// <param name="Remaining">How many more may follow at once.</param>
/// <param name="ResetSeconds">Until the whole quota is there again.</param>
/// <param name="RetryAfterSeconds">Until one request may pass; 0 if this one does.</param>
public readonly record struct RateLimitDecision(bool IsAllowed, int Remaining, int ResetSeconds, int RetryAfterSeconds);
