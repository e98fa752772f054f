using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Mneme.DemoThings.Domain;
using Mneme.DemoThings.Infrastructure;
using Mneme.Platform.Domain;
using Mneme.Platform.Http;
using Mneme.Platform.Security;

namespace Mneme.DemoThings.Features;

/// <summary>Something to do.</summary>
internal sealed record CreateDemoThingRequest(
    [Required, StringLength(DemoThingTitle.MaxLength)] string Title,
    [StringLength(DemoThingDescription.MaxLength)] string? Description = null);

internal static class CreateDemoThing
{
    // An Idempotency-Key is honoured without a word here, as on every POST of the platform.
    public static void Map(IEndpointRouteBuilder api) => api.MapPost("/demo-things", Handle).Owned()
        .WithName("CreateDemoThing").WithSummary("Create a new demo thing.").Produces<DemoThingResponse>(StatusCodes.Status201Created);

    private static async Task<Outcome<DemoThingResponse>> Handle(
        CreateDemoThingRequest request, Actor actor, DemoThingsDb db, DemoThingsOptions options, TimeProvider time, CancellationToken ct)
    {
        var title = DemoThingTitle.Parse(request.Title);
        if (title.Value is null)
            return title.Problem!;
        var description = DemoThingDescription.Parse(request.Description ?? "");
        if (description.Value is null)
            return description.Problem!;
        await db.LockDemoThingsOfAsync(actor.UserId, ct);
        if (await db.DemoThings.CountAsync(d => d.UserId == actor.UserId, ct) >= options.MaxPerUser)
            return Problem.Unprocessable("too-many-demo-things", $"You have {options.MaxPerUser} demo things, which is as many as there may be. Delete one, then try again.");

        var demoThing = DemoThing.Create(actor.UserId, title.Value, description.Value, time.GetUtcNow());
        db.DemoThings.Add(demoThing);
        DemoThingsMetrics.Created();
        return Outcome.Created(DemoThingResponse.Of(demoThing), $"/api/v1/demo-things/{demoThing.Id}");
    }
}
