using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Mneme.DemoThings.Infrastructure;
using Mneme.Platform.Domain;
using Mneme.Platform.Http;
using Mneme.Platform.Security;

namespace Mneme.DemoThings.Features;

/// <summary>One of the demo things in a list, without its description.</summary>
/// <param name="CompletedAt">Null until it is completed.</param>
internal sealed record DemoThingListItem(Guid Id, string Title, DateTimeOffset CreatedAt, DateTimeOffset? CompletedAt, long Version);

internal static class ListDemoThings
{
    public static void Map(IEndpointRouteBuilder api) => api.MapGet("/demo-things", Handle).Owned()
        .WithName("ListDemoThings").WithSummary("Demo things, newest first.").Produces<Page<DemoThingListItem>>();

    private static async Task<Outcome<Page<DemoThingListItem>>> Handle(PageRequest page, Actor actor, DemoThingsDb db, CancellationToken ct)
    {
        var demoThings = db.DemoThings.AsNoTracking().Where(d => d.UserId == actor.UserId);
        // Ids are UUIDv7, which sort by time of creation.
        if (page.AfterId is { } after)
            demoThings = demoThings.Where(d => d.Id < after);
        var items = await demoThings.OrderByDescending(d => d.Id).Take(page.Limit + 1)
            .Select(d => new DemoThingListItem(d.Id, d.Title.Value, d.CreatedAt, d.CompletedAt, d.Version)).ToListAsync(ct);
        return Page<DemoThingListItem>.Of(items, page.Limit, item => item.Id.ToString());
    }
}
