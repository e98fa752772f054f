using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Mneme.DemoThings.Domain;
using Mneme.DemoThings.Infrastructure;
using Mneme.Platform.Domain;
using Mneme.Platform.Http;
using Mneme.Platform.Security;

namespace Mneme.DemoThings.Features;

/// <summary>What is left out stays. An empty description removes it.</summary>
internal sealed record ChangeDemoThingRequest(
    [StringLength(DemoThingTitle.MaxLength)] string? Title = null,
    [StringLength(DemoThingDescription.MaxLength)] string? Description = null);

internal static class ChangeDemoThing
{
    public static void Map(IEndpointRouteBuilder api) => api.MapPatch("/demo-things/{id:guid}", Handle).Owned()
        .WithName("ChangeDemoThing").WithSummary("Change title or description. With If-Match only if it is as you read it.").Produces<DemoThingResponse>();

    private static async Task<Outcome<DemoThingResponse>> Handle(
        Guid id, ChangeDemoThingRequest request, IfMatch ifMatch, Actor actor, DemoThingsDb db, CancellationToken ct)
    {
        if (await db.LockAsync(id, actor.UserId, ct) is not { } demoThing)
            return Problem.NotFound("demo thing");
        if (!ifMatch.Allows(demoThing.Version))
            return Problem.PreconditionFailed();
        if (demoThing.IsCompleted)
            return Problem.Conflict("demo-thing-completed", "It is completed, and does not change any more.");
        var title = request.Title is null ? demoThing.Title : DemoThingTitle.Parse(request.Title);
        if (title.Value is null)
            return title.Problem!;
        var description = request.Description is null ? demoThing.Description : DemoThingDescription.Parse(request.Description);
        if (description.Value is null)
            return description.Problem!;
        demoThing.Change(title.Value, description.Value);
        // Saved here, so that the answer carries the version that the change made.
        await db.SaveChangesAsync(ct);
        return DemoThingResponse.Of(demoThing);
    }
}
