using Mneme.DemoThings.Domain;
using Mneme.Platform.Http;

namespace Mneme.DemoThings.Features;

/// <summary>One of the demo things in full.</summary>
/// <param name="Description">Empty if there is none.</param>
/// <param name="CompletedAt">Null until it is completed.</param>
internal sealed record DemoThingResponse(Guid Id, string Title, string Description, DateTimeOffset CreatedAt, DateTimeOffset? CompletedAt, long Version) : IVersioned
{
    public static DemoThingResponse Of(DemoThing demoThing) =>
        new(demoThing.Id, demoThing.Title.Value, demoThing.Description.Value, demoThing.CreatedAt, demoThing.CompletedAt, demoThing.Version);
}
