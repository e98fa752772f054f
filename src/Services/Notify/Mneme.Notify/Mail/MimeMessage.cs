using System.Globalization;
using System.Text;

namespace Mneme.Notify.Mail;

/// <summary>A mail in text and HTML (RFC 5322, multipart/alternative of RFC 2046), as it is written to files and sent over SMTP.</summary>
internal sealed record MimeMessage
{
    /// <summary>The notification that the mail is for. Message-ID and boundary are made of it, so that a repeated mail has them again.</summary>
    public required Guid Id { get; init; }

    /// <summary>When the notification was made.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset Date { get; init; }

    public required MailAddress From { get; init; }

    public required string FromName { get; init; }

    public required MailAddress To { get; init; }

    public required string ToName { get; init; }

    public required string Subject { get; init; }

    /// <summary>BCP 47 tag of the language.</summary>
    public required string Language { get; init; }

    public required string Text { get; init; }

    public required string Html { get; init; }

    /// <summary>Address for one-click unsubscribing (RFC 8058); null for mails that nobody can unsubscribe from.</summary>
    public Uri? Unsubscribe { get; init; }

    public string MessageId => $"<{Id:n}@{From.Domain}>";

    /// <summary>Lines end with CRLF and hold ASCII only, but for the local part of an address outside ASCII (RFC 6532).</summary>
    public byte[] ToBytes() => Encoding.UTF8.GetBytes(ToString());

    public override string ToString()
    {
        var boundary = $"=_{Id:n}";
        var message = new StringBuilder();
        Header("Date", Date.ToUniversalTime().ToString("ddd, dd MMM yyyy HH:mm:ss '+0000'", CultureInfo.InvariantCulture));
        Header("From", HeaderText.Mailbox(FromName, From));
        Header("To", HeaderText.Mailbox(ToName, To));
        Header("Subject", HeaderText.Encode(Subject));
        Header("Message-ID", MessageId);
        Header("MIME-Version", "1.0");
        Header("Content-Language", Language);
        // No out-of-office answers, please (RFC 3834).
        Header("Auto-Submitted", "auto-generated");
        if (Unsubscribe is not null)
        {
            Header("List-Unsubscribe", $"<{Unsubscribe.AbsoluteUri}>");
            Header("List-Unsubscribe-Post", "List-Unsubscribe=One-Click");
        }

        Header("Content-Type", $"multipart/alternative;\r\n boundary=\"{boundary}\"");
        message.Append("\r\n");
        Part("text/plain", Text);
        Part("text/html", Html);
        return message.Append(CultureInfo.InvariantCulture, $"--{boundary}--\r\n").ToString();

        void Header(string name, string value) => message.Append(name).Append(": ").Append(value).Append("\r\n");

        void Part(string type, string content) => message
            .Append(CultureInfo.InvariantCulture, $"--{boundary}\r\nContent-Type: {type}; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n")
            .Append(QuotedPrintable.Encode(content)).Append("\r\n");
    }
}
