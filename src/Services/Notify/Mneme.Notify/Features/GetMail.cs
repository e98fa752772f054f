using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Mneme.Notify.Infrastructure;
using Mneme.Notify.Mail;
using Mneme.Platform.Domain;
using Mneme.Platform.Http;

namespace Mneme.Notify.Features;

internal static class GetMail
{
    internal static void Map(IEndpointRouteBuilder api) => api.MapGet("/admin/mail/{id:guid}", Handle).AdminOnly()
        .WithName("GetMail").WithSummary("One of the mails that were written as files, as it stands there.")
        .Produces<string>(StatusCodes.Status200OK, "message/rfc822").ProducesProblem(StatusCodes.Status404NotFound);

    private static async Task<IResult> Handle(Guid id, NotifyDb db, MailFolder folder, CancellationToken ct)
    {
        var name = await db.Notifications.Where(n => n.Id == id).Select(n => n.MailFile).SingleOrDefaultAsync(ct);
        // Offered as a file: a browser must not take what somebody called themselves for a page.
        return name is not null && folder.Read(name) is { } message
            ? Results.File(Encoding.UTF8.GetBytes(message), "message/rfc822", name)
            : OutcomeResult.Of(Problem.NotFound("mail"));
    }
}
