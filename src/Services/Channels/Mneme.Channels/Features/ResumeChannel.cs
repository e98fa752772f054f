using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Mneme.Channels.Domain;
using Mneme.Platform.Domain;
using Mneme.Platform.Http;
using Mneme.Platform.Security;

namespace Mneme.Channels.Features;

internal static class ResumeChannel
{
    public static void Map(IEndpointRouteBuilder api) => api.MapPost("/channels/{id:guid}/resume", Handle).Owned()
        .WithName("ResumeChannel").WithSummary("Let a paused channel take messages again.").Produces<ChannelResponse>();

    private static async Task<Outcome<ChannelResponse>> Handle(
        Guid id, IfMatch ifMatch, Actor actor, IChannelRepository channels, HttpOptions http, TimeProvider time, CancellationToken ct)
    {
        if (await channels.FindAsync(id, actor.UserId, ct) is not { } channel)
            return Problem.NotFound("channel");
        if (!ifMatch.Allows(channel.Version))
            return Problem.PreconditionFailed();
        channel.Resume(time.GetUtcNow());
        return await channels.TrySaveAsync(channel, ct) ? ChannelResponse.Of(channel, http) : Problem.PreconditionFailed();
    }
}
