using Microsoft.EntityFrameworkCore;
using Mneme.Channels.Domain;
using Mneme.Channels.Infrastructure;

namespace Mneme.Channels.Features;

/// <summary>Looks at the feed of a resumed channel at once, whatever was wrong with it before.</summary>
internal static class OnResumed
{
    public static Task Handle(Resumed e, ChannelsDb db, CancellationToken ct) =>
        db.Feeds.Where(f => f.ChannelId == e.ChannelId).ExecuteUpdateAsync(set => set.SetProperty(f => f.DueAt, e.At).SetProperty(f => f.Failures, 0), ct);
}
