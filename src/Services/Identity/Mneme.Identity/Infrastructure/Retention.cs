using Microsoft.EntityFrameworkCore;
using Mneme.Identity.Domain;

namespace Mneme.Identity.Infrastructure;

/// <summary>Removes what has had its time.</summary>
internal static class Retention
{
    private static readonly TimeSpan InvitationsKept = TimeSpan.FromDays(90);

    public static async Task Run(IdentityDb db, TimeProvider time, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        // A session whose last refresh token has expired cannot be used any more; the rest is for the reuse of old tokens to be noticed.
        await db.Database.ExecuteSqlAsync($"delete from refresh_tokens where expires_at < {now}", ct);
        await db.Database.ExecuteSqlAsync($"delete from sessions s where expires_at < {now} or not exists (select from refresh_tokens t where t.session_id = s.id)", ct);
        await db.Database.ExecuteSqlAsync($"delete from ended_sessions where until < {now}", ct);
        // Those that are being counted are left out: they are locked in another order there, and one of the two would have to give up.
        await db.Database.ExecuteSqlAsync(
            $"delete from throttle_counters where key in (select key from throttle_counters where resets_at < {now} for update skip locked)", ct);
        await db.Database.ExecuteSqlAsync($"delete from known_devices where last_used_at < {now - KnownDevice.Lifetime}", ct);
        await db.Database.ExecuteSqlAsync($"delete from invitations where expires_at < {now - InvitationsKept}", ct);
        await db.Database.ExecuteSqlAsync($"delete from signing_keys where published_until < {now}", ct);
    }
}
