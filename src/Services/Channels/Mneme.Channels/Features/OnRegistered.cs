using Mneme.Channels.Domain;
using Mneme.Channels.Infrastructure;
using Mneme.Contracts.Channels;

namespace Mneme.Channels.Features;

/// <summary>Tells the other services that there is a channel, and reads its feed if it has one.</summary>
internal static class OnRegistered
{
    public static async Task Handle(Registered e, ChannelsDb db, ChannelsOptions options, CancellationToken ct)
    {
        db.Publish(new ChannelRegistered(e.UserId, e.ChannelId, e.Type.Name, e.Name.Value, Version: 1), e.At);
        if (!e.Type.NeedsUrl)
            return;
        var feed = new FeedRow { ChannelId = e.ChannelId, UserId = e.UserId, DueAt = e.At };
        db.Feeds.Add(feed);
        await ReadFeed.EnqueueAsync(db, feed, e.At, options, ct);
    }
}
