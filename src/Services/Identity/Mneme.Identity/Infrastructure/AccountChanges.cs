using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Mneme.Identity.Domain;
using Mneme.Platform.Domain;
using Mneme.Platform.Observability;
using Mneme.Platform.Security;

namespace Mneme.Identity.Infrastructure;

/// <summary>What administrators do to accounts, over HTTP and on the command line.</summary>
internal sealed class AccountChanges(IdentityDb db, UserManager<User> users, SessionEnds ends, TimeProvider time)
{
    /// <summary>Changes role and state in a transaction of its own, ends the person's sessions and what they could do, and tells the other services.</summary>
    /// <param name="user">Tracked by this scope's database.</param>
    /// <param name="role">Null leaves it.</param>
    /// <param name="isDisabled">Null leaves it.</param>
    /// <param name="actorId">Who does it; null for the command line.</param>
    /// <param name="address">From where.</param>
    /// <param name="ct">Cancels before the commit.</param>
    public async Task<Problem?> ApplyAsync(User user, string? role, bool? isDisabled, Guid? actorId, string? address, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        var isLast = user.Role == Roles.Admin && await Administrators.AreMissingWithoutAsync(db, user.Id, ct);
        var isAssigned = role is not null && user.Assign(role);
        var isSwitched = isDisabled is not null && user.Disable(isDisabled.Value, now);
        if (isLast && (user.Role != Roles.Admin || user.DisabledAt is not null))
            return Administrators.LastOne();
        if (!isAssigned && !isSwitched)
            return null;
        if (isAssigned)
            db.Record(now, "user.role-changed", actorId, user.Id, address: address, detail: new { user.Role });
        if (isSwitched)
            db.Record(now, user.DisabledAt is null ? "user.enabled" : "user.disabled", actorId, user.Id, address: address);
        db.Publish(user.Updated(), now);
        // Saves, and tells sign-ins that are under way that what they read is old.
        var result = await users.UpdateSecurityStampAsync(user);
        if (!result.Succeeded)
            return Problem.PreconditionFailed();
        // An invitation to administer would bring a former administrator back.
        if (user.Role != Roles.Admin || user.DisabledAt is not null)
            await db.Invitations.Where(i => i.CreatedBy == user.Id && i.UsedAt == null).ExecuteDeleteAsync(ct);
        var ended = await ends.EndAllAsync(db, user.Id, ct);
        await transaction.CommitAsync(ct);
        ends.Announce(ended);
        return null;
    }
}
