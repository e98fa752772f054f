using System.Text.RegularExpressions;
using Mneme.Notify.Domain;
using Mneme.Notify.Mail;
using Mneme.Notify.Texts;
using Mneme.Platform.Http;

namespace Mneme.Notify.Templates;

/// <summary>Makes the mail of a notification, in the recipient's language.</summary>
internal sealed partial class MailComposer(MailRenderer renderer, NotifyOptions options, HttpOptions http)
{
    private readonly string _home = (http.PublicUrl ?? new Uri($"http://localhost:{http.Port}/")).AbsoluteUri.TrimEnd('/');

    /// <exception cref="MailRefusedException">No mail can be sent to the recipient's address.</exception>
    public async Task<MimeMessage> ComposeAsync(Notification notification, Recipient recipient, DateTimeOffset now)
    {
        var content = ContentOf(notification, recipient);
        return new MimeMessage
        {
            Id = notification.Id,
            CreatedAt = notification.CreatedAt,
            Date = now,
            From = MailAddress.Parse(options.FromAddress)!,
            FromName = options.FromName,
            To = MailAddress.Parse(recipient.Email!) ?? throw new MailRefusedException("No mail can be sent to this address."),
            ToName = recipient.Name!,
            Subject = content.Subject,
            Language = content.Language,
            Text = MailRenderer.Text(content),
            Html = await renderer.HtmlAsync(content),
            Unsubscribe = content.Unsubscribe?.Address,
        };
    }

    private MailContent ContentOf(Notification notification, Recipient recipient)
    {
        var texts = MailTexts.For(recipient.Locale);
        var greeting = texts.Greeting(SafeName(recipient.Name));
        if (notification.Kind == NotificationKind.Welcome)
        {
            var welcome = texts.Welcome;
            return new MailContent(
                texts.Language, welcome.Subject, welcome.Preview, greeting, welcome.Introduction, new MailLink(welcome.Action, new Uri(_home + "/")), welcome.Reason)
            {
                Steps = welcome.Steps,
            };
        }

        var (counted, count) = (notification.Kind == NotificationKind.Reminder ? texts.Reminder : texts.StreakWarning, notification.Count);
        var token = UnsubscribeToken.Create(recipient.UserId, notification.Kind, recipient.UnsubscribeKey);
        return new MailContent(
            texts.Language, counted.Subject(count), counted.Preview, greeting, counted.Body(count), new MailLink(counted.Action, new Uri(_home + "/")), counted.Reason)
        {
            Figure = count.ToString("N0", texts.Culture),
            Unit = counted.Unit(count),
            Unsubscribe = new MailLink(counted.Unsubscribe, new Uri($"{_home}/api/v1/notifications/unsubscribe/{token}")),
        };
    }

    /// <summary>
    /// Null for a name that mail programs would make a link of: else whoever registers somebody else's address could use the welcome to advertise.
    /// </summary>
    private static string? SafeName(string? name) => string.IsNullOrWhiteSpace(name) || LooksLikeLink().IsMatch(name) ? null : string.Join(' ', name.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    [GeneratedRegex(@"[/\\@:]|[^\s.]\.[^\s.]", RegexOptions.NonBacktracking)]
    private static partial Regex LooksLikeLink();
}
