using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Mneme.Identity.Domain;
using Mneme.Identity.Infrastructure;
using Mneme.Platform.Domain;
using Mneme.Platform.Http;
using Mneme.Platform.Observability;
using Mneme.Platform.Security;

namespace Mneme.Identity.Features;

/// <param name="Email">Whom it is for; left out, whoever has the code may register.</param>
/// <param name="Role">The role that the account will have.</param>
/// <param name="ExpiresInDays">14 by default.</param>
internal sealed record CreateInvitationRequest(
    [StringLength(EmailAddress.MaxLength)] string? Email = null,
    [AllowedValues(Roles.User, Roles.Teacher, Roles.Admin)] string Role = Roles.User,
    [Range(1, Invitation.MaxDays)] int ExpiresInDays = Invitation.DefaultDays);

/// <summary>A new invitation; its code is shown this once.</summary>
internal sealed record InvitationResponse(Guid Id, string Code, string? Email, string Role, DateTimeOffset ExpiresAt);

internal static class CreateInvitation
{
    // The code is a secret that only the person invited is to have, so the answer is not kept for an Idempotency-Key.
    internal static void Map(IEndpointRouteBuilder api) => api.MapPost("/admin/invitations", Handle).AdminOnly().OwnTransaction()
        .WithName("CreateInvitation").WithSummary("Make a code that one person can register with").Produces<InvitationResponse>(StatusCodes.Status201Created);

    private static async Task<Outcome<InvitationResponse>> Handle(
        CreateInvitationRequest request, Actor actor, Caller caller, IdentityDb db, TimeProvider time, CancellationToken ct)
    {
        var email = request.Email is null ? null : EmailAddress.Parse(request.Email);
        if (request.Email is not null && email is null)
            return Problem.Invalid("email", Registration.EmailMessage);
        var code = SecretToken.New();
        var now = time.GetUtcNow();
        var invitation = Invitation.Create(code, email, request.Role, actor.UserId, TimeSpan.FromDays(request.ExpiresInDays), now);
        db.Invitations.Add(invitation);
        db.Record(now, "invitation.created", actor.UserId, invitation.Id, address: caller.Address, detail: new { request.Role });
        await db.SaveChangesAsync(ct);
        return Outcome.Created(new InvitationResponse(invitation.Id, code.Text, email?.Value, request.Role, invitation.ExpiresAt), "/api/v1/admin/invitations");
    }
}
