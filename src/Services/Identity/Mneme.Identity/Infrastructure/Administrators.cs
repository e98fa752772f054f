using Microsoft.EntityFrameworkCore;
using Mneme.Platform.Domain;
using Mneme.Platform.Security;

namespace Mneme.Identity.Infrastructure;

/// <summary>Keeps an installation from losing its last administrator.</summary>
internal static class Administrators
{
    /// <summary>Whether the person is the only administrator whose account is open. Locks the administrators until the transaction ends, so that two cannot leave at once.</summary>
    public static async Task<bool> AreMissingWithoutAsync(IdentityDb db, Guid userId, CancellationToken ct)
    {
        var open = await db.Database.SqlQuery<Guid>(
            $"select id from users where role = {Roles.Admin} and disabled_at is null order by id for update").ToListAsync(ct);
        return open is [var last] && last == userId;
    }

    public static Problem LastOne() => Problem.Conflict("last-administrator", "This is the only administrator. Make somebody else one first.");
}
