using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Mneme.Channels.Domain;
using Mneme.Platform.Domain;
using Mneme.Platform.Http;
using Mneme.Platform.Security;

namespace Mneme.Channels.Features;

/// <summary>What to call a channel from now on.</summary>
internal sealed record RenameChannelRequest([Required, StringLength(ChannelName.MaxLength)] string Name);

internal static class RenameChannel
{
    public static void Map(IEndpointRouteBuilder api) => api.MapPatch("/channels/{id:guid}", Handle).Owned()
        .WithName("RenameChannel").WithSummary("Rename a channel. With If-Match only if it is as you read it.").Produces<ChannelResponse>();

    private static async Task<Outcome<ChannelResponse>> Handle(
        Guid id, RenameChannelRequest request, IfMatch ifMatch, Actor actor, IChannelRepository channels, HttpOptions http, TimeProvider time, CancellationToken ct)
    {
        var name = ChannelName.Parse(request.Name);
        if (name.Value is null)
            return name.Problem!;
        if (await channels.FindAsync(id, actor.UserId, ct) is not { } channel)
            return Problem.NotFound("channel");
        if (!ifMatch.Allows(channel.Version))
            return Problem.PreconditionFailed();
        channel.Rename(name.Value, time.GetUtcNow());
        return await channels.TrySaveAsync(channel, ct) ? ChannelResponse.Of(channel, http) : Problem.PreconditionFailed();
    }
}
