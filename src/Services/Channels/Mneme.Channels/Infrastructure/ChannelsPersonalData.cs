using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Mneme.Channels.Domain;
using Mneme.Platform;
using Mneme.Platform.Security;

namespace Mneme.Channels.Infrastructure;

/// <summary>Everything here belongs to somebody: their channels with all that happened to them, and their messages.</summary>
internal sealed class ChannelsPersonalData(IChannelRepository channels, ChannelsDb db) : IPersonalData
{
    public async Task<JsonNode?> ExportAsync(Guid userId, CancellationToken ct)
    {
        var exported = new JsonArray();
        foreach (var summary in await channels.ListAsync(new ChannelFilter(userId, Type: null, IsPaused: null, BeforeId: null, int.MaxValue), ct))
            exported.Add(await ExportAsync(summary, userId, ct));
        return exported.Count == 0 ? null : new JsonObject { ["channels"] = exported };
    }

    public async Task EraseAsync(Guid userId, CancellationToken ct)
    {
        // Whoever registers a channel or receives a message at this moment holds one of these locks, and the statements after them see what they made.
        await db.LockChannelsOfAsync(userId, ct);
        foreach (var channel in await channels.ListAsync(new ChannelFilter(userId, Type: null, IsPaused: null, BeforeId: null, int.MaxValue), ct))
            await db.CloseInboxAsync(channel.Key, ct);
        await db.Feeds.Where(f => f.UserId == userId).ExecuteDeleteAsync(ct);
        await db.Messages.Where(m => m.UserId == userId).ExecuteDeleteAsync(ct);
        await db.Database.ExecuteSqlAsync($"delete from message_keys where user_id = {userId}", ct);
        await channels.EraseAsync(userId, ct);
    }

    private async Task<JsonObject> ExportAsync(ChannelSummary channel, Guid userId, CancellationToken ct)
    {
        var history = new JsonArray();
        foreach (var recorded in await channels.HistoryAsync(channel.Id, userId, afterVersion: 0, int.MaxValue, ct) ?? [])
            history.Add(new JsonObject { ["version"] = recorded.Version, ["change"] = ChannelJson.NameOf(recorded.Event), ["data"] = JsonNode.Parse(ChannelJson.Write(recorded.Event)) });
        var messages = await db.Messages.AsNoTracking().Where(m => m.ChannelId == channel.Id && m.UserId == userId).OrderBy(m => m.Id)
            .Select(m => new { m.Id, m.Title, m.Text, m.Url, m.ReceivedAt }).ToListAsync(ct);
        return new JsonObject
        {
            ["id"] = channel.Id,
            ["type"] = channel.Type.Name,
            ["name"] = channel.Name.Value,
            ["history"] = history,
            ["messages"] = JsonSerializer.SerializeToNode(messages, Json.Options),
        };
    }
}
