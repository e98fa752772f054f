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

/// <summary>A message that came in by a channel.</summary>
internal sealed record MessageResponse(Guid Id, string? Title, string Text, string? Url, DateTimeOffset ReceivedAt);

internal static class ListMessages
{
    public static void Map(IEndpointRouteBuilder api) => api.MapGet("/channels/{id:guid}/messages", Handle).Owned()
        .WithName("ListMessages").WithSummary("Messages that came in by a channel, newest first.").Produces<Page<MessageResponse>>();

    private static async Task<Outcome<Page<MessageResponse>>> Handle(Guid id, PageRequest page, Actor actor, IChannelRepository channels, ChannelsDb db, CancellationToken ct)
    {
        if (await channels.FindAsync(id, actor.UserId, ct) is null)
            return Problem.NotFound("channel");
        var messages = db.Messages.Where(m => m.ChannelId == id && m.UserId == actor.UserId);
        if (page.AfterId is { } after)
            messages = messages.Where(m => m.Id < after);
        var items = await messages.OrderByDescending(m => m.Id).Take(page.Limit + 1)
            .Select(m => new MessageResponse(m.Id, m.Title, m.Text, m.Url, m.ReceivedAt)).ToListAsync(ct);
        return Page<MessageResponse>.Of(items, page.Limit, item => item.Id.ToString());
    }
}
