using Mneme.Platform.Aws.Client;
using Mneme.Platform.Mail;

namespace Mneme.Platform.Aws.Mail;

/// <summary>Sends mails by SES v2's <c>SendEmail</c>, as they are (https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html).</summary>
internal sealed class SesMailRelay(AwsClient client) : IMailRelay
{
    public async Task SendAsync(string from, string to, ReadOnlyMemory<byte> message, CancellationToken ct)
    {
        var call = AwsCall.Rest(AwsService.Ses, "SendEmail", "/v2/email/outbound-emails", new
        {
            FromEmailAddress = from,
            Destination = new { ToAddresses = new[] { to } },
            Content = new { Raw = new { Data = Convert.ToBase64String(message.Span) } },
        });
        try
        {
            // SES knows no key of idempotency: whoever has the mail decides whether to send it again.
            await client.SendAsync(call with { IsTriedOnce = true }, ct);
        }
        catch (AwsException e)
        {
            throw new MailRelayException(e.Message, IsFinal(e), e);
        }
    }

    // An identity that is not verified is a matter of the configuration, which an administrator mends.
    private static bool IsFinal(AwsException e) =>
        e.Code is "MessageRejected" or "BadRequestException" && !e.Message.Contains("not verified", StringComparison.OrdinalIgnoreCase);
}
