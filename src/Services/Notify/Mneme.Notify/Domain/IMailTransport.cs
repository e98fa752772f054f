using Mneme.Notify.Mail;

namespace Mneme.Notify.Domain;

/// <summary>Hands mails over: to a mail server, or to a folder.</summary>
internal interface IMailTransport
{
    /// <returns>Name of the file that the mail was written to; null if a server took it.</returns>
    /// <exception cref="MailRefusedException">The server refused this mail for good.</exception>
    /// <exception cref="MailDelayedException">It could not be handed over now; another attempt may succeed.</exception>
    Task<string?> SendAsync(MimeMessage message, CancellationToken ct);
}

internal sealed class MailRefusedException(string message) : Exception(message);

internal sealed class MailDelayedException(string message, Exception? inner = null) : Exception(message, inner);
