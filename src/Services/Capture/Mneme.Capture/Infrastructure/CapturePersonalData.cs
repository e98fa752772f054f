using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Mneme.Capture.Features;
using Mneme.Platform;
using Mneme.Platform.Security;

namespace Mneme.Capture.Infrastructure;

/// <summary>Everything here belongs to somebody: their captures, in full.</summary>
internal sealed class CapturePersonalData(CaptureDb db) : IPersonalData
{
    public async Task<JsonNode?> ExportAsync(Guid userId, CancellationToken ct)
    {
        var captures = new JsonArray();
        await foreach (var item in db.Captures.AsNoTracking().Where(c => c.UserId == userId).OrderBy(c => c.Id).AsAsyncEnumerable().WithCancellation(ct))
            captures.Add(JsonSerializer.SerializeToNode(CaptureResponse.Of(item), Json.Options));
        return captures.Count == 0 ? null : new JsonObject { ["captures"] = captures };
    }

    public async Task EraseAsync(Guid userId, CancellationToken ct)
    {
        // Whoever is creating a capture at this moment holds this lock (a deletion alone would not wait for a first one, whose row it cannot see yet), and the
        // statements after it see what they created.
        await db.LockUsageAsync(userId, ct);
        await db.Database.ExecuteSqlAsync($"delete from captures where user_id = {userId}", ct);
        await db.Database.ExecuteSqlAsync($"delete from storage_usage where user_id = {userId}", ct);
    }
}
