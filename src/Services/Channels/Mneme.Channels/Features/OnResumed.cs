using Microsoft.EntityFrameworkCore;
using Mneme.Channels.Domain;
using Mneme.Channels.Infrastructure;

namespace Mneme.Channels.Features;

/// <summary>Reads the feed of a resumed channel at once, whatever was wrong with it before.</summary>
internal static class OnResumed
{
    public static async Task Handle(Resumed e, ChannelsDb db, ChannelsOptions options, CancellationToken ct)
    {
        if (await db.Feeds.SingleOrDefaultAsync(f => f.ChannelId == e.ChannelId, ct) is not { } feed)
            return;
        (feed.DueAt, feed.Failures) = (e.At, 0);
        await ReadFeed.EnqueueAsync(db, feed, e.At, options, ct);
    }
}
