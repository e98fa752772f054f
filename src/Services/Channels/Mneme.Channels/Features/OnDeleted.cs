using Microsoft.EntityFrameworkCore;
using Mneme.Channels.Domain;
using Mneme.Channels.Infrastructure;

namespace Mneme.Channels.Features;

/// <summary>What came in by a channel goes with it.</summary>
internal static class OnDeleted
{
    public static async Task Handle(Deleted e, ChannelsDb db, CancellationToken ct)
    {
        await db.Feeds.Where(f => f.ChannelId == e.ChannelId).ExecuteDeleteAsync(ct);
        await db.Messages.Where(m => m.ChannelId == e.ChannelId).ExecuteDeleteAsync(ct);
        await db.Database.ExecuteSqlAsync($"delete from message_keys where channel_id = {e.ChannelId}", ct);
    }
}
