using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Mneme.DemoThings.Infrastructure;
using Mneme.Platform.Domain;
using Mneme.Platform.Http;
using Mneme.Platform.Security;

namespace Mneme.DemoThings.Features;

internal static class CompleteDemoThing
{
    public static void Map(IEndpointRouteBuilder api) => api.MapPost("/demo-things/{id:guid}/complete", Handle).Owned()
        .WithName("CompleteDemoThing").WithSummary("Complete it; counts once.").Produces<DemoThingResponse>();

    private static async Task<Outcome<DemoThingResponse>> Handle(
        Guid id, IfMatch ifMatch, Actor actor, DemoThingsDb db, DomainEvents events, TimeProvider time, CancellationToken ct)
    {
        if (await db.LockAsync(id, actor.UserId, ct) is not { } demoThing)
            return Problem.NotFound("demo thing");
        if (!ifMatch.Allows(demoThing.Version))
            return Problem.PreconditionFailed();
        demoThing.Complete(time.GetUtcNow(), actor.TimeZone);
        // Before it is saved: what follows from it is saved with it, or nothing is.
        await events.DispatchAsync(demoThing, ct);
        await db.SaveChangesAsync(ct);
        return DemoThingResponse.Of(demoThing);
    }
}
