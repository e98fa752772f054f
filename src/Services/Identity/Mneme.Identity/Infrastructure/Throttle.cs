using Microsoft.EntityFrameworkCore;
using Mneme.Identity.Domain;
using Mneme.Platform.Domain;

namespace Mneme.Identity.Infrastructure;

/// <param name="Key">What is counted, without anybody's e-mail address in it.</param>
/// <param name="Max">So often within the window; then no more.</param>
/// <param name="Window">From the first count on.</param>
internal sealed record Limit(string Key, int Max, TimeSpan Window);

/// <summary>Counters in the database, so that they hold for all instances and survive restarts.</summary>
internal static class Throttle
{
    /// <summary>Refuses when one of the limits is reached already.</summary>
    public static async Task<Problem?> RefuseAsync(IdentityDb db, IReadOnlyList<Limit> limits, DateTimeOffset now, CancellationToken ct)
    {
        var keys = limits.Select(l => l.Key).ToArray();
        var counters = await db.Database.SqlQuery<Counter>($"""
            select key, count, resets_at as "ResetsAt" from throttle_counters where key = any({keys}) and resets_at > {now}
            """).ToListAsync(ct);
        return Refusal(counters.Where(c => c.Count >= limits.Single(l => l.Key == c.Key).Max), now);
    }

    /// <summary>Counts one more for each limit, in one statement of its own.</summary>
    /// <returns>A refusal if that was more than a limit allows: what was guessed at the same time as the last permitted guess is not answered.</returns>
    public static async Task<Problem?> CountAsync(IdentityDb db, IReadOnlyList<Limit> limits, DateTimeOffset now, CancellationToken ct)
    {
        // In order of key, so that two of these never wait for each other.
        var ordered = limits.OrderBy(l => l.Key, StringComparer.Ordinal).ToList();
        var keys = ordered.Select(l => l.Key).ToArray();
        var resets = ordered.Select(l => now + l.Window).ToArray();
        var counters = await db.Database.SqlQuery<Counter>($"""
            insert into throttle_counters as c (key, count, resets_at)
            select key, 1, resets_at from unnest({keys}, {resets}) as t (key, resets_at)
            on conflict (key) do update set
                count = case when c.resets_at > {now} then c.count + 1 else 1 end,
                resets_at = case when c.resets_at > {now} then c.resets_at else excluded.resets_at end
            returning key, count, resets_at as "ResetsAt"
            """).ToListAsync(ct);
        return Refusal(counters.Where(c => c.Count > limits.Single(l => l.Key == c.Key).Max), now);
    }

    public static Task ForgetAsync(IdentityDb db, Limit limit, CancellationToken ct) =>
        db.Database.ExecuteSqlAsync($"delete from throttle_counters where key = {limit.Key}", ct);

    private static Problem? Refusal(IEnumerable<Counter> exceeded, DateTimeOffset now)
    {
        DateTimeOffset? until = exceeded.Select(c => (DateTimeOffset?)c.ResetsAt).Max();
        return until is null ? null : Problem.TooManyRequests(until.Value - now, "There were too many attempts. Wait as long as Retry-After says, in seconds.");
    }

    private sealed record Counter(string Key, int Count, DateTimeOffset ResetsAt);
}

/// <summary>What is counted for whom.</summary>
internal static class Limits
{
    /// <summary>
    /// Guessing is bounded by account and address, and by address. A known device has a count of its own instead, so that nobody who guesses, from
    /// wherever, keeps the account's owner out.
    /// </summary>
    public static IReadOnlyList<Limit> OfLogin(AccountOptions options, string emailKey, Caller caller, Guid? device) => device is not null
        ? [new Limit($"device:{device:n}", options.FailuresPerAccountAndAddress, options.FailureWindow)]
        :
        [
            new Limit($"login:{Convert.ToHexStringLower(SecretToken.HashOf(emailKey).AsSpan(0, 16))}:{caller.Network}", options.FailuresPerAccountAndAddress, options.FailureWindow),
            new Limit($"login:{caller.Network}", options.FailuresPerAddress, options.FailureWindow),
        ];

    /// <summary>Whoever got hold of a session cannot guess the password that some acts ask for again.</summary>
    public static Limit OfSession(AccountOptions options, Guid session) => new($"session:{session:n}", options.FailuresPerAccountAndAddress, options.FailureWindow);

    public static Limit OfTakenAddresses(AccountOptions options, Caller caller) => new($"taken:{caller.Network}", options.TakenAddressesPerHour, TimeSpan.FromHours(1));

    public static Limit OfRegistrations(AccountOptions options, Caller caller) => new($"registered:{caller.Network}", options.RegistrationsPerHour, TimeSpan.FromHours(1));
}
