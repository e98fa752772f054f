using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Mneme.Identity.Infrastructure;
using Mneme.Platform.Domain;
using Mneme.Platform.Http;
using Mneme.Platform.Observability;
using Mneme.Platform.Security;

namespace Mneme.Identity.Features;

internal static class WithdrawInvitation
{
    internal static void Map(IEndpointRouteBuilder api) => api.MapDelete("/admin/invitations/{id:guid}", Handle).AdminOnly()
        .WithName("WithdrawInvitation").WithSummary("Make an unused invitation worthless").Produces(StatusCodes.Status204NoContent);

    private static async Task<Outcome<Nothing>> Handle(Guid id, Actor actor, Caller caller, IdentityDb db, TimeProvider time, CancellationToken ct)
    {
        if (await db.Invitations.Where(i => i.Id == id && i.UsedAt == null).ExecuteDeleteAsync(ct) == 0)
            return Problem.NotFound("unused invitation");
        db.Record(time.GetUtcNow(), "invitation.withdrawn", actor.UserId, id, address: caller.Address);
        return Outcome.Done;
    }
}
