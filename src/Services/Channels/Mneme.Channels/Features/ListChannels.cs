using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Mneme.Channels.Domain;
using Mneme.Platform.Domain;
using Mneme.Platform.Http;
using Mneme.Platform.Security;

namespace Mneme.Channels.Features;

/// <summary>Which channels to list; all that is given must hold.</summary>
/// <param name="Type">EMAIL_INBOX, WEBHOOK, RSS, TELEGRAM or DISCORD.</param>
/// <param name="Status">ACTIVE or PAUSED.</param>
// The limits stand on the properties: OpenAPI generation fails on annotations of an [AsParameters] record's constructor.
internal sealed record ListChannelsRequest(
    [property: AllowedValues(null, "EMAIL_INBOX", "WEBHOOK", "RSS", "TELEGRAM", "DISCORD", ErrorMessage = "must be EMAIL_INBOX, WEBHOOK, RSS, TELEGRAM or DISCORD.")] string? Type = null,
    [property: AllowedValues(null, "ACTIVE", "PAUSED", ErrorMessage = "must be ACTIVE or PAUSED.")] string? Status = null);

/// <summary>A channel in a list.</summary>
internal sealed record ChannelListItem(Guid Id, string Type, string Name, ChannelStatus Status, Uri? Inbox, DateTimeOffset RegisteredAt, long Version);

internal static class ListChannels
{
    public static void Map(IEndpointRouteBuilder api) => api.MapGet("/channels", Handle).Owned()
        .WithName("ListChannels").WithSummary("Channels, newest first, by type and status.").Produces<Page<ChannelListItem>>();

    private static async Task<Outcome<Page<ChannelListItem>>> Handle(
        [AsParameters] ListChannelsRequest request, PageRequest page, Actor actor, IChannelRepository channels, HttpOptions http, CancellationToken ct)
    {
        var type = request.Type is null ? null : ChannelType.Of(request.Type);
        bool? isPaused = request.Status is null ? null : request.Status == "PAUSED";
        var found = await channels.ListAsync(new ChannelFilter(actor.UserId, type, isPaused, page.AfterId, page.Limit + 1), ct);
        var items = found.Select(c => new ChannelListItem(
            c.Id, c.Type.Name, c.Name.Value, ChannelResponse.StatusOf(c.IsPaused), ChannelResponse.InboxOf(c.Type, c.Key, http), c.RegisteredAt, c.Version)).ToList();
        return Page<ChannelListItem>.Of(items, page.Limit, item => item.Id.ToString());
    }
}
