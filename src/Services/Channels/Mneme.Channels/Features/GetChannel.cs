using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Mneme.Channels.Domain;
using Mneme.Channels.Infrastructure;
using Mneme.Platform.Domain;
using Mneme.Platform.Http;
using Mneme.Platform.Security;

namespace Mneme.Channels.Features;

internal static class GetChannel
{
    public static void Map(IEndpointRouteBuilder api) => api.MapGet("/channels/{id:guid}", Handle).Owned()
        .WithName("GetChannel").WithSummary("One channel, with the address of its inbox, or how reading its feed goes.").Produces<ChannelResponse>();

    private static async Task<Outcome<ChannelResponse>> Handle(Guid id, Actor actor, IChannelRepository channels, ChannelsDb db, HttpOptions http, CancellationToken ct)
    {
        if (await channels.FindAsync(id, actor.UserId, ct) is not { } channel)
            return Problem.NotFound("channel");
        var feed = channel.State.Type.NeedsUrl ? await db.Feeds.AsNoTracking().SingleOrDefaultAsync(f => f.ChannelId == id, ct) : null;
        return ChannelResponse.Of(channel, http, FeedStatus.Of(feed));
    }
}
