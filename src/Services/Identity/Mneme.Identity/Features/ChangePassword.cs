using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Mneme.Identity.Domain;
using Mneme.Identity.Infrastructure;
using Mneme.Platform.Domain;
using Mneme.Platform.Http;
using Mneme.Platform.Observability;
using Mneme.Platform.Security;

namespace Mneme.Identity.Features;

internal sealed record ChangePasswordRequest(
    [Required, StringLength(PasswordPolicy.MaxLength * 2)] string CurrentPassword,
    [Required, StringLength(PasswordPolicy.MaxLength * 2)] string NewPassword);

/// <summary>Sets a new password, ends every session of the person, this one included, and begins a new one in its place.</summary>
internal static class ChangePassword
{
    internal static void Map(IEndpointRouteBuilder api) => api.MapPost("/auth/change-password", Handle).Owned().OwnTransaction()
        .WithName("ChangePassword").WithSummary("Change your password; you are signed out everywhere else").Produces<AuthResponse>();

    private static async Task<Outcome<AuthResponse>> Handle(
        ChangePasswordRequest request, Actor actor, Caller caller, IdentityDb db, UserManager<User> users, PasswordHashing passwords,
        PasswordConfirmation confirmation, SignIn signIn, SessionEnds ends, TimeProvider time, CancellationToken ct)
    {
        var user = await db.Users.SingleOrDefaultAsync(u => u.Id == actor.UserId, ct);
        if (user is null)
            return Problem.NotFound("account");
        if (PasswordPolicy.Refuse(request.NewPassword, EmailAddress.Parse(user.Email!), user.Name) is { } reason)
            return Problem.Invalid("newPassword", reason);
        if (await confirmation.RefuseAsync(user, request.CurrentPassword, "currentPassword", "user.password-changed", actor, caller, ct) is { } refused)
            return refused;
        var hash = await passwords.HashAsync(request.NewPassword, ct);
        if (hash.Problem is { } busy)
            return busy;
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        if (!await signIn.StillHoldsAsync(user, ct))
            return SignIn.ChangedMeanwhile();
        user.PasswordHash = hash.Value;
        // The stamp tells sign-ins that are under way with the old password that it is old.
        if (!(await users.UpdateSecurityStampAsync(user)).Succeeded)
            return SignIn.ChangedMeanwhile();
        var ended = await ends.EndAllAsync(db, user.Id, ct);
        var response = await signIn.BeginAsync(user, caller, device: null, deviceToken: null, ct);
        db.Record(time.GetUtcNow(), "user.password-changed", user.Id, user.Id, address: caller.Address);
        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);
        ends.Announce([.. ended, actor.SessionId]);
        return response;
    }
}
