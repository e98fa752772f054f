using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Mneme.Notify.Domain;
using Mneme.Notify.Infrastructure;
using Mneme.Notify.Templates;
using Mneme.Notify.Texts;
using Mneme.Platform.Http;

namespace Mneme.Notify.Features;

/// <summary>
/// One click in the mail program (RFC 8058) posts to the address of the header <c>List-Unsubscribe</c>; the link in the mail opens a page at the same
/// address that asks first, because programs that look into mails follow links on their own.
/// </summary>
internal static class Unsubscribe
{
    internal static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/notifications/unsubscribe/{token}", Ask).Public()
            .WithName("ShowUnsubscribePage").WithSummary("A page that asks whether to end one kind of mail.")
            .Produces<string>(StatusCodes.Status200OK, "text/html").Produces<string>(StatusCodes.Status404NotFound, "text/html");
        api.MapPost("/notifications/unsubscribe/{token}", Handle).Public()
            .WithName("Unsubscribe").WithSummary("End one kind of mail for the person to whom the token was sent (RFC 8058).")
            .Produces<string>(StatusCodes.Status200OK, "text/html").Produces<string>(StatusCodes.Status404NotFound, "text/html");
    }

    private static async Task<IResult> Ask(string token, HttpContext http, NotifyDb db, MailRenderer renderer, CancellationToken ct)
    {
        if (await FindAsync(token, db, ct) is not var (recipient, kind))
            return await UnknownAsync(http, renderer);
        var texts = MailTexts.For(recipient.Locale);
        var question = kind == NotificationKind.Reminder ? texts.Unsubscribe.ReminderQuestion : texts.Unsubscribe.StreakWarningQuestion;
        return await PageAsync(http, renderer, texts, texts.Unsubscribe.Title, question, texts.Unsubscribe.Confirm);
    }

    private static async Task<IResult> Handle(string token, HttpContext http, NotifyDb db, MailRenderer renderer, CancellationToken ct)
    {
        if (await FindAsync(token, db, ct) is not var (recipient, kind))
            return await UnknownAsync(http, renderer);
        var name = kind.ApiName();
        await db.Database.ExecuteSqlAsync($"""
            insert into preferences (user_id, muted) values ({recipient.UserId}, array[{name}])
            on conflict (user_id) do update set muted = array_append(preferences.muted, {name}), version = preferences.version + 1
            where not ({name} = any(preferences.muted))
            """, ct);
        var texts = MailTexts.For(recipient.Locale);
        return await PageAsync(http, renderer, texts, texts.Unsubscribe.DoneTitle, texts.Unsubscribe.Done);
    }

    private static async Task<(Recipient Recipient, NotificationKind Kind)?> FindAsync(string token, NotifyDb db, CancellationToken ct)
    {
        if (UnsubscribeToken.Read(token) is not var (userId, kind) || !Preferences.CanMute(kind))
            return null;
        var recipient = await db.Recipients.AsNoTracking().SingleOrDefaultAsync(r => r.UserId == userId, ct);
        return recipient is not null && UnsubscribeToken.IsGenuine(token, recipient.UnsubscribeKey) ? (recipient, kind) : null;
    }

    private static Task<IResult> UnknownAsync(HttpContext http, MailRenderer renderer)
    {
        var texts = MailTexts.For(http.Request.Headers.AcceptLanguage.ToString().Split(',', ';')[0]);
        return PageAsync(http, renderer, texts, texts.Unsubscribe.UnknownTitle, texts.Unsubscribe.Unknown, status: StatusCodes.Status404NotFound);
    }

    private static async Task<IResult> PageAsync(
        HttpContext http, MailRenderer renderer, MailTexts texts, string title, string text, string? button = null, int status = StatusCodes.Status200OK)
    {
        var html = await renderer.RenderAsync<UnsubscribePage>(new Dictionary<string, object?>(StringComparer.Ordinal)
        {
            [nameof(UnsubscribePage.Language)] = texts.Language,
            [nameof(UnsubscribePage.Nonce)] = ResponseHeaders.AllowPage(http),
            [nameof(UnsubscribePage.Title)] = title,
            [nameof(UnsubscribePage.Text)] = text,
            [nameof(UnsubscribePage.Button)] = button,
        });
        return Results.Content(html, "text/html", Encoding.UTF8, status);
    }
}
