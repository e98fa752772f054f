using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Mneme.Channels.Domain;
using Mneme.Platform.Domain;
using Mneme.Platform.Http;
using Mneme.Platform.Security;

namespace Mneme.Channels.Features;

/// <summary>How many channels there are, and how many there may be.</summary>
/// <param name="Total">Of all types.</param>
/// <param name="ByType">Of each type, by its name.</param>
/// <param name="MaxTotal">How many there may be.</param>
/// <param name="MaxByType">How many there may be of each type.</param>
internal sealed record ChannelCountResponse(int Total, IReadOnlyDictionary<string, int> ByType, int MaxTotal, int MaxByType);

internal static class CountChannels
{
    public static void Map(IEndpointRouteBuilder api) => api.MapGet("/channels/count", Handle).Owned()
        .WithName("CountChannels").WithSummary("How many channels you have, and may have.").Produces<ChannelCountResponse>();

    private static async Task<Outcome<ChannelCountResponse>> Handle(Actor actor, IChannelRepository channels, ChannelsOptions options, CancellationToken ct)
    {
        var counts = await channels.CountAsync(actor.UserId, ct);
        return new ChannelCountResponse(
            counts.Values.Sum(), ChannelType.All.ToDictionary(type => type.Name, counts.GetValueOrDefault), options.MaxChannelsPerUser, options.MaxChannelsPerType);
    }
}
