using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Mneme.Identity.Infrastructure;
using Mneme.Platform.Domain;
using Mneme.Platform.Http;
using Mneme.Platform.Security;

namespace Mneme.Identity.Features;

internal static class Logout
{
    internal static void Map(IEndpointRouteBuilder api) => api.MapPost("/auth/logout", Handle).Owned().OwnTransaction()
        .WithName("Logout").WithSummary("End the session that the access token belongs to").Produces(StatusCodes.Status204NoContent);

    private static async Task<Outcome<Nothing>> Handle(Actor actor, Caller caller, IdentityDb db, SessionEnds ends, CancellationToken ct)
    {
        await EndSession.EndAsync(db, ends, actor.UserId, actor.SessionId, "user.logout", caller, ct);
        // Also a token whose session is not known any more is refused from here on.
        ends.Announce([actor.SessionId]);
        return Outcome.Done;
    }
}
