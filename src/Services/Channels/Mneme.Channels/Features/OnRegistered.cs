using Mneme.Channels.Domain;
using Mneme.Channels.Infrastructure;
using Mneme.Contracts.Channels;

namespace Mneme.Channels.Features;

/// <summary>Tells the other services that there is a channel, and begins to look at its feed if it has one.</summary>
internal static class OnRegistered
{
    public static Task Handle(Registered e, ChannelsDb db, CancellationToken ct)
    {
        db.Publish(new ChannelRegistered(e.UserId, e.ChannelId, e.Type.Name, e.Name.Value, Version: 1), e.At);
        if (e.Type.NeedsUrl)
            db.Feeds.Add(new FeedRow { ChannelId = e.ChannelId, UserId = e.UserId, DueAt = e.At });
        return Task.CompletedTask;
    }
}
