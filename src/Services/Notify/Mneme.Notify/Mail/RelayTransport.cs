using Mneme.Notify.Domain;
using Mneme.Platform.Mail;

namespace Mneme.Notify.Mail;

/// <summary>Hands mails to the relay that the host brings: Amazon SES.</summary>
internal sealed class RelayTransport(IMailRelay relay) : IMailTransport
{
    public async Task<string?> SendAsync(MimeMessage message, CancellationToken ct)
    {
        if (!message.From.IsAscii || !message.To.IsAscii)
            throw new MailRefusedException("Amazon SES takes no addresses with letters outside ASCII.");
        try
        {
            await relay.SendAsync(message.From.ToString(), message.To.ToString(), message.ToBytes(), ct);
            return null;
        }
        catch (MailRelayException e)
        {
            var reason = e.Message.Replace(message.To.ToString(), "(recipient)", StringComparison.OrdinalIgnoreCase);
            throw e.IsFinal ? new MailRefusedException(reason) : new MailDelayedException(reason);
        }
    }
}
