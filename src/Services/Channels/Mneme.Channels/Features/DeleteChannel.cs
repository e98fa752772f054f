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

internal static class DeleteChannel
{
    public static void Map(IEndpointRouteBuilder api) => api.MapDelete("/channels/{id:guid}", Handle).Owned()
        .WithName("DeleteChannel").WithSummary("Delete a channel with its history and its messages. Captures made of them stay.").Produces(StatusCodes.Status204NoContent);

    private static async Task<Outcome<Nothing>> Handle(
        Guid id, IfMatch ifMatch, Actor actor, FailureEffects caller, IChannelRepository channels, ChannelsDb db, TimeProvider time, CancellationToken ct)
    {
        if (await channels.FindAsync(id, actor.UserId, ct) is not { } channel)
            return Problem.NotFound("channel");
        if (!ifMatch.Allows(channel.Version))
            return Problem.PreconditionFailed();
        var now = time.GetUtcNow();
        await db.CloseInboxAsync(channel.State.Key, ct);
        channel.Delete(now);
        db.Record(now, "channel.deleted", actor.UserId, id, address: caller.Address, detail: new { Type = channel.State.Type.Name });
        return await channels.TrySaveAsync(channel, ct) ? Outcome.Done : Problem.PreconditionFailed();
    }
}
