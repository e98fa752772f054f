using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Mneme.Channels.Domain;
using Mneme.Platform.Domain;
using Mneme.Platform.Http;
using Mneme.Platform.Security;

namespace Mneme.Channels.Features;

internal enum ChannelChange
{
    Registered,
    Renamed,
    Paused,
    Resumed,
    SecretRotated,
}

/// <summary>Something that happened to a channel.</summary>
/// <param name="Version">The channel's version since then.</param>
/// <param name="Change">What happened.</param>
/// <param name="At">When.</param>
/// <param name="Name">For REGISTERED and RENAMED: the name since then.</param>
internal sealed record ChannelHistoryItem(long Version, ChannelChange Change, DateTimeOffset At, string? Name);

internal static class GetChannelHistory
{
    public static void Map(IEndpointRouteBuilder api) => api.MapGet("/channels/{id:guid}/history", Handle).Owned()
        .WithName("GetChannelHistory").WithSummary("What happened to a channel, from the beginning.").Produces<Page<ChannelHistoryItem>>();

    private static async Task<Outcome<Page<ChannelHistoryItem>>> Handle(Guid id, PageRequest page, Actor actor, IChannelRepository channels, CancellationToken ct)
    {
        if (!long.TryParse(page.After ?? "0", NumberStyles.None, CultureInfo.InvariantCulture, out var after))
            throw new BadHttpRequestException("The cursor is not one of this list.");
        return await channels.HistoryAsync(id, actor.UserId, after, page.Limit + 1, ct) is { } events
            ? Page<ChannelHistoryItem>.Of([.. events.Select(ItemOf)], page.Limit, item => item.Version.ToString(CultureInfo.InvariantCulture))
            : Problem.NotFound("channel");
    }

    private static ChannelHistoryItem ItemOf(RecordedEvent recorded)
    {
        var (change, name) = recorded.Event switch
        {
            Registered e => (ChannelChange.Registered, e.Name),
            Renamed e => (ChannelChange.Renamed, e.Name),
            Paused => (ChannelChange.Paused, null),
            Resumed => (ChannelChange.Resumed, null),
            SecretRotated => (ChannelChange.SecretRotated, (ChannelName?)null),
            var other => throw new InvalidOperationException($"A history does not hold {other.GetType().Name}."),
        };
        return new ChannelHistoryItem(recorded.Version, change, recorded.Event.At, name?.Value);
    }
}
