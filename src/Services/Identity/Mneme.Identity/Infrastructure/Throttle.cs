using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using Mneme.Identity.Domain;
using Mneme.Platform.Domain;

namespace Mneme.Identity.Infrastructure;

/// <param name="Key">What is counted, without anybody's e-mail address in it.</param>
/// <param name="Max">So often within the window; then no more.</param>
/// <param name="Window">From the first count on.</param>
/// <param name="IsFinal">Nothing forgets the count before its window ends, so what reached the limit can be refused from memory.</param>
internal sealed record Limit(string Key, int Max, TimeSpan Window, bool IsFinal = false);

/// <summary>
/// Counters in the database, so that they hold for all instances and survive restarts. What was refused is remembered here, so that whoever goes on costs
/// no query.
/// </summary>
internal sealed class Throttle
{
    private const int Remembered = 10_000;

    private readonly ConcurrentDictionary<string, DateTimeOffset> _refused = new();

    /// <summary>Refuses when one of the limits is reached already.</summary>
    public async Task<Problem?> RefuseAsync(IdentityDb db, IReadOnlyList<Limit> limits, DateTimeOffset now, CancellationToken ct)
    {
        if (RefuseFromMemory(limits, now) is { } refused)
            return refused;
        var keys = limits.Select(l => l.Key).ToArray();
        var counters = await db.Database.SqlQuery<Counter>($"""
            select key, count, resets_at as "ResetsAt" from throttle_counters where key = any({keys}) and resets_at > {now}
            """).ToListAsync(ct);
        return Refusal(counters, limits, (count, max) => count >= max, now);
    }

    private Problem? RefuseFromMemory(IReadOnlyList<Limit> limits, DateTimeOffset now)
    {
        foreach (var limit in limits)
        {
            if (limit.IsFinal && _refused.TryGetValue(limit.Key, out var until) && until > now)
                return TooMany(until, now);
        }

        return null;
    }

    /// <summary>Counts one more for each limit, in one statement of its own.</summary>
    /// <returns>A refusal if that was more than a limit allows: what was guessed at the same time as the last permitted guess is not answered.</returns>
    public async Task<Problem?> CountAsync(IdentityDb db, IReadOnlyList<Limit> limits, DateTimeOffset now, CancellationToken ct)
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
        return Refusal(counters, limits, (count, max) => count > max, now);
    }

    public Task ForgetAsync(IdentityDb db, Limit limit, CancellationToken ct) =>
        db.Database.ExecuteSqlAsync($"delete from throttle_counters where key = {limit.Key}", ct);

    private Problem? Refusal(IReadOnlyList<Counter> counters, IReadOnlyList<Limit> limits, Func<int, int, bool> isExceeded, DateTimeOffset now)
    {
        DateTimeOffset? until = null;
        foreach (var counter in counters)
        {
            var limit = limits.Single(l => l.Key == counter.Key);
            if (!isExceeded(counter.Count, limit.Max))
                continue;
            until = until > counter.ResetsAt ? until : counter.ResetsAt;
            if (limit.IsFinal)
                Remember(limit.Key, counter.ResetsAt);
        }

        return until is null ? null : TooMany(until.Value, now);
    }

    private void Remember(string key, DateTimeOffset until)
    {
        // The database knows them all: forgetting costs a query each.
        if (_refused.Count >= Remembered)
            _refused.Clear();
        _refused[key] = until;
    }

    private static Problem TooMany(DateTimeOffset until, DateTimeOffset now) =>
        Problem.TooManyRequests(until - now, "There were too many attempts. Wait as long as Retry-After says, in seconds.");

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
            new Limit($"login:{caller.Network}", options.FailuresPerAddress, options.FailureWindow, IsFinal: true),
        ];

    /// <summary>Whoever got hold of a session cannot guess the password that some acts ask for again.</summary>
    public static Limit OfSession(AccountOptions options, Guid session) => new($"session:{session:n}", options.FailuresPerAccountAndAddress, options.FailureWindow);

    public static Limit OfTakenAddresses(AccountOptions options, Caller caller) => new($"taken:{caller.Network}", options.TakenAddressesPerHour, TimeSpan.FromHours(1), IsFinal: true);

    public static Limit OfRegistrations(AccountOptions options, Caller caller) => new($"registered:{caller.Network}", options.RegistrationsPerHour, TimeSpan.FromHours(1), IsFinal: true);
}
