using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Mneme.Channels.Domain;
using Mneme.Platform.Domain;
using Mneme.Platform.Http;
using Mneme.Platform.Security;

namespace Mneme.Channels.Features;

internal static class PauseChannel
{
    public static void Map(IEndpointRouteBuilder api) => api.MapPost("/channels/{id:guid}/pause", Handle).Owned()
        .WithName("PauseChannel").WithSummary("Pause a channel: what is sent meanwhile is turned away.").Produces<ChannelResponse>();

    private static async Task<Outcome<ChannelResponse>> Handle(
        Guid id, IfMatch ifMatch, Actor actor, IChannelRepository channels, HttpOptions http, TimeProvider time, CancellationToken ct)
    {
        if (await channels.FindAsync(id, actor.UserId, ct) is not { } channel)
            return Problem.NotFound("channel");
        if (!ifMatch.Allows(channel.Version))
            return Problem.PreconditionFailed();
        channel.Pause(time.GetUtcNow());
        return await channels.TrySaveAsync(channel, ct) ? ChannelResponse.Of(channel, http) : Problem.PreconditionFailed();
    }
}
