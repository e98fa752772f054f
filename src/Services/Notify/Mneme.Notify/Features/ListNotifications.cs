using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Mneme.Notify.Domain;
using Mneme.Notify.Infrastructure;
using Mneme.Platform.Domain;
using Mneme.Platform.Http;
using Mneme.Platform.Security;

namespace Mneme.Notify.Features;

/// <param name="Id">Of the notification.</param>
/// <param name="Kind">What it was about.</param>
/// <param name="Subject">The mail's subject, once it was composed.</param>
/// <param name="Status">What became of it.</param>
/// <param name="Reason">Why it failed or was suppressed.</param>
/// <param name="LocalDate">The day it concerned, on the person's calendar.</param>
/// <param name="CreatedAt">When it was queued.</param>
/// <param name="FinishedAt">When it was sent, failed or was suppressed.</param>
internal sealed record NotificationResponse(
    Guid Id, NotificationKind Kind, string? Subject, NotificationStatus Status, string? Reason, DateOnly? LocalDate, DateTimeOffset CreatedAt, DateTimeOffset? FinishedAt);

internal static class ListNotifications
{
    internal static void Map(IEndpointRouteBuilder api) => api.MapGet("/notifications", Handle).Owned()
        .WithName("ListNotifications").WithSummary("What the caller was told, the latest first.").Produces<Page<NotificationResponse>>();

    private static async Task<Outcome<Page<NotificationResponse>>> Handle(Actor actor, PageRequest page, NotifyDb db, CancellationToken ct)
    {
        var notifications = db.Notifications.AsNoTracking().Where(n => n.UserId == actor.UserId);
        if (page.AfterId is { } after)
            notifications = notifications.Where(n => n.Id < after);
        var items = await notifications.OrderByDescending(n => n.Id).Take(page.Limit + 1)
            .Select(n => new NotificationResponse(n.Id, n.Kind, n.Subject, n.Status, n.Reason, n.LocalDate, n.CreatedAt, n.FinishedAt))
            .ToListAsync(ct);
        return Page<NotificationResponse>.Of(items, page.Limit, last => last.Id.ToString());
    }
}
