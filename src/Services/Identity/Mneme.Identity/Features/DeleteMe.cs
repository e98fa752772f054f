using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Mneme.Identity.Domain;
using Mneme.Identity.Infrastructure;
using Mneme.Platform.Domain;
using Mneme.Platform.Http;
using Mneme.Platform.Observability;
using Mneme.Platform.Security;

namespace Mneme.Identity.Features;

internal sealed record DeleteMeRequest([Required, StringLength(PasswordPolicy.MaxLength * 2)] string Password);

/// <summary>Deletes the account at once; every service erases what it holds of the person when it hears of it.</summary>
internal static class DeleteMe
{
    internal static void Map(IEndpointRouteBuilder api) => api.MapDelete("/auth/me", Handle).Owned().OwnTransaction()
        .WithName("DeleteMe").WithSummary("Delete your account and everything that belongs to it").Produces(StatusCodes.Status204NoContent);

    private static async Task<Outcome<Nothing>> Handle(
        [FromBody] DeleteMeRequest request, Actor actor, Caller caller, IdentityDb db, PasswordConfirmation confirmation, SignIn signIn,
        SessionEnds ends, TimeProvider time, CancellationToken ct)
    {
        var user = await db.Users.SingleOrDefaultAsync(u => u.Id == actor.UserId, ct);
        if (user is null)
            return Problem.NotFound("account");
        if (await confirmation.RefuseAsync(user, request.Password, "password", "user.deleted", actor, caller, ct) is { } refused)
            return refused;
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        if (user.Role == Roles.Admin && await Administrators.AreMissingWithoutAsync(db, user.Id, ct))
            return Administrators.LastOne();
        // After the administrators' rows, in whose order all lock. A sign-in that is under way comes first, and its session ends with the others.
        if (!await signIn.StillHoldsAsync(user, ct))
            return SignIn.ChangedMeanwhile();
        // Here, because the address is not known any more when this service hears of the deletion as all do.
        await db.Invitations.Where(i => i.NormalizedEmail == user.NormalizedEmail).ExecuteDeleteAsync(ct);
        var ended = await ends.EndAllAsync(db, user.Id, ct);
        db.Publish(user.Deleted(), time.GetUtcNow());
        db.Record(time.GetUtcNow(), "user.deleted", user.Id, user.Id, address: caller.Address);
        db.Users.Remove(user);
        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);
        ends.Announce([.. ended, actor.SessionId]);
        return Outcome.Done;
    }
}
