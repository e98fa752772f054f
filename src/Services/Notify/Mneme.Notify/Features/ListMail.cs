using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Mneme.Notify.Domain;
using Mneme.Notify.Infrastructure;
using Mneme.Platform.Domain;
using Mneme.Platform.Http;

namespace Mneme.Notify.Features;

/// <param name="Id">For reading the message.</param>
/// <param name="UserId">Who it is for.</param>
/// <param name="To">Their present address; null while their registration has not arrived.</param>
/// <param name="Kind">What it is about.</param>
/// <param name="Subject">Its subject.</param>
/// <param name="File">Name of the file in the folder <c>mail</c>.</param>
/// <param name="WrittenAt">When it was written.</param>
internal sealed record MailResponse(Guid Id, Guid UserId, string? To, NotificationKind Kind, string? Subject, string File, DateTimeOffset? WrittenAt);

internal static class ListMail
{
    internal static void Map(IEndpointRouteBuilder api) => api.MapGet("/admin/mail", Handle).AdminOnly()
        .WithName("ListMail").WithSummary("Mails that were written as files because there is no mail server, the latest first.").Produces<Page<MailResponse>>();

    private static async Task<Outcome<Page<MailResponse>>> Handle(PageRequest page, NotifyDb db, CancellationToken ct)
    {
        var mails = db.Notifications.AsNoTracking().Where(n => n.MailFile != null);
        if (page.AfterId is { } after)
            mails = mails.Where(n => n.Id < after);
        var items = await mails.OrderByDescending(n => n.Id).Take(page.Limit + 1)
            .Select(n => new MailResponse(
                n.Id, n.UserId, db.Recipients.Where(r => r.UserId == n.UserId).Select(r => r.Email).FirstOrDefault(), n.Kind, n.Subject, n.MailFile!, n.FinishedAt))
            .ToListAsync(ct);
        return Page<MailResponse>.Of(items, page.Limit, last => last.Id.ToString());
    }
}
