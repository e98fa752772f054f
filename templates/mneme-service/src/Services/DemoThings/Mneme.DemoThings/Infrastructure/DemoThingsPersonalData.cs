using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Mneme.DemoThings.Features;
using Mneme.Platform;
using Mneme.Platform.Security;

namespace Mneme.DemoThings.Infrastructure;

/// <summary>Everything here belongs to somebody.</summary>
internal sealed class DemoThingsPersonalData(DemoThingsDb db) : IPersonalData
{
    public async Task<JsonNode?> ExportAsync(Guid userId, CancellationToken ct)
    {
        var demoThings = new JsonArray();
        await foreach (var demoThing in db.DemoThings.AsNoTracking().Where(d => d.UserId == userId).OrderBy(d => d.Id).AsAsyncEnumerable().WithCancellation(ct))
            demoThings.Add(JsonSerializer.SerializeToNode(DemoThingResponse.Of(demoThing), Json.Options));
        return demoThings.Count == 0 ? null : new JsonObject { ["demoThings"] = demoThings };
    }

    public async Task EraseAsync(Guid userId, CancellationToken ct)
    {
        // Whoever is creating one at this moment holds this lock, and the statement after it sees what they created.
        await db.LockDemoThingsOfAsync(userId, ct);
        await db.DemoThings.Where(d => d.UserId == userId).ExecuteDeleteAsync(ct);
    }
}
