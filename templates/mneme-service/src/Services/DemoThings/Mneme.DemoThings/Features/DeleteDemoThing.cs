using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Mneme.DemoThings.Infrastructure;
using Mneme.Platform.Domain;
using Mneme.Platform.Http;
using Mneme.Platform.Security;

namespace Mneme.DemoThings.Features;

internal static class DeleteDemoThing
{
    public static void Map(IEndpointRouteBuilder api) => api.MapDelete("/demo-things/{id:guid}", Handle).Owned()
        .WithName("DeleteDemoThing").WithSummary("Delete it. With If-Match only if it is as you read it.").Produces(StatusCodes.Status204NoContent);

    private static async Task<Outcome<Nothing>> Handle(Guid id, IfMatch ifMatch, Actor actor, DemoThingsDb db, CancellationToken ct)
    {
        if (await db.LockAsync(id, actor.UserId, ct) is not { } demoThing)
            return Problem.NotFound("demo thing");
        if (!ifMatch.Allows(demoThing.Version))
            return Problem.PreconditionFailed();
        db.DemoThings.Remove(demoThing);
        return Outcome.Done;
    }
}
