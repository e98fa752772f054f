using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Mneme.DemoThings.Infrastructure;
using Mneme.Platform.Domain;
using Mneme.Platform.Http;
using Mneme.Platform.Security;

namespace Mneme.DemoThings.Features;

internal static class GetDemoThing
{
    public static void Map(IEndpointRouteBuilder api) => api.MapGet("/demo-things/{id:guid}", Handle).Owned()
        .WithName("GetDemoThing").WithSummary("One demo thing in full.").Produces<DemoThingResponse>();

    // Whose it is stands in the query, so another person's id answers like an unknown one.
    private static async Task<Outcome<DemoThingResponse>> Handle(Guid id, Actor actor, DemoThingsDb db, CancellationToken ct) =>
        await db.DemoThings.AsNoTracking().SingleOrDefaultAsync(d => d.Id == id && d.UserId == actor.UserId, ct) is { } demoThing
            ? DemoThingResponse.Of(demoThing)
            : Problem.NotFound("demo thing");
}
