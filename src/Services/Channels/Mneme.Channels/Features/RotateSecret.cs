using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Mneme.Channels.Domain;
using Mneme.Channels.Infrastructure;
using Mneme.Platform.Domain;
using Mneme.Platform.Http;
using Mneme.Platform.Observability;
using Mneme.Platform.Security;

namespace Mneme.Channels.Features;

internal static class RotateSecret
{
    public static void Map(IEndpointRouteBuilder api) => api.MapPost("/channels/{id:guid}/rotate-secret", Handle).Owned()
        .WithName("RotateSecret").WithSummary("Make a new secret for a channel, in place of the one before. The answer is the only one that shows it.").Produces<ChannelResponse>();

    private static async Task<Outcome<ChannelResponse>> Handle(
        Guid id, IfMatch ifMatch, Actor actor, FailureEffects caller, IChannelRepository channels, ChannelsDb db, InstallationKey key, HttpOptions http, TimeProvider time,
        CancellationToken ct)
    {
        if (await channels.FindAsync(id, actor.UserId, ct) is not { } channel)
            return Problem.NotFound("channel");
        if (!ifMatch.Allows(channel.Version))
            return Problem.PreconditionFailed();
        if (!channel.State.Type.HasSecret)
            return Problem.Conflict("channel-without-secret", $"A channel of type {channel.State.Type} has no secret.");
        var now = time.GetUtcNow();
        channel.RotateSecret(now);
        db.Record(now, "channel.secret-rotated", actor.UserId, id, address: caller.Address);
        return await channels.TrySaveAsync(channel, ct)
            ? ChannelResponse.Of(channel, http, secret: channel.Secret(await key.ReadAsync(db, ct)))
            : Problem.PreconditionFailed();
    }
}
