using System.Globalization;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Mneme.Notify.Domain;

namespace Mneme.Notify.Mail;

/// <param name="Policy">How the mail server's certificate is judged; null for the system's certificate authorities. Its name is checked in any case.</param>
internal sealed record SmtpTrust(X509ChainPolicy? Policy);

/// <summary>
/// Hands a mail to the configured server (RFC 5321), over a connection of its own and within one time limit. What the server says of this mail or its
/// recipient is final if it says 5xx; everything before that (connection, TLS, credentials, sender) is a matter of the configuration, which an administrator
/// mends, and so is tried again. The framework's own SmtpClient would write messages of its own beside ours and trust certificates by a process-wide callback.
/// </summary>
internal sealed class SmtpTransport(NotifyOptions options, SmtpTrust trust) : IMailTransport
{
    private readonly SmtpOptions _smtp = options.Smtp;

    public async Task<string?> SendAsync(MimeMessage message, CancellationToken ct)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(_smtp.Timeout);
        try
        {
            await TalkAsync(message, limit.Token);
            return null;
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            throw new MailDelayedException(string.Create(CultureInfo.InvariantCulture, $"The mail server {_smtp.Host} did not take the mail within {_smtp.Timeout.TotalSeconds:0.#} s."));
        }
        catch (Exception e) when (e is IOException or SocketException or AuthenticationException)
        {
            throw new MailDelayedException($"The mail server {_smtp.Host}:{_smtp.Port} could not be used: {e.Message}", e);
        }
    }

    private async Task TalkAsync(MimeMessage message, CancellationToken ct)
    {
        using var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync(_smtp.Host!, _smtp.Port, ct);
        await using var connection = new SmtpConnection(client);
        if (_smtp.Security == SmtpSecurity.Tls)
            await connection.SecureAsync(_smtp.Host!, trust.Policy, ct);
        Require(await connection.ReadReplyAsync(ct), 220, "greeting");
        var extensions = await HelloAsync(connection, ct);
        if (_smtp.Security == SmtpSecurity.StartTls)
        {
            if (!extensions.ContainsKey("STARTTLS"))
                throw new MailDelayedException($"The mail server {_smtp.Host} offers no STARTTLS. Nothing is sent in the clear; see Notify__Smtp__Security.");
            Require(await connection.CommandAsync("STARTTLS", ct), 220, "STARTTLS");
            await connection.SecureAsync(_smtp.Host!, trust.Policy, ct);
            // What was said in the clear does not count.
            extensions = await HelloAsync(connection, ct);
        }

        if (!string.IsNullOrEmpty(_smtp.User))
            await AuthenticateAsync(connection, extensions.GetValueOrDefault("AUTH", ""), ct);
        await TransferAsync(connection, message, extensions, ct);
        await connection.QuitAsync(ct);
    }

    private static async Task<Dictionary<string, string>> HelloAsync(SmtpConnection connection, CancellationToken ct)
    {
        var reply = await connection.CommandAsync($"EHLO {connection.LocalName}", ct);
        Require(reply, 250, "EHLO");
        return reply.Lines.Skip(1).Select(line => line.Split(' ', 2)).GroupBy(words => words[0], StringComparer.OrdinalIgnoreCase)
            .ToDictionary(group => group.Key, group => group.First().ElementAtOrDefault(1) ?? "", StringComparer.OrdinalIgnoreCase);
    }

    private async Task AuthenticateAsync(SmtpConnection connection, string mechanisms, CancellationToken ct)
    {
        var offered = mechanisms.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (offered.Contains("PLAIN", StringComparer.OrdinalIgnoreCase))
        {
            Require(await connection.CommandAsync($"AUTH PLAIN {Base64($"\0{_smtp.User}\0{_smtp.Password}")}", ct), 235, "user and password");
        }
        else if (offered.Contains("LOGIN", StringComparer.OrdinalIgnoreCase))
        {
            Require(await connection.CommandAsync("AUTH LOGIN", ct), 334, "AUTH LOGIN");
            Require(await connection.CommandAsync(Base64(_smtp.User!), ct), 334, "the user");
            Require(await connection.CommandAsync(Base64(_smtp.Password!), ct), 235, "user and password");
        }
        else
        {
            throw new MailDelayedException($"The mail server {_smtp.Host} offers neither AUTH PLAIN nor AUTH LOGIN (offered: {(mechanisms.Length > 0 ? mechanisms : "nothing")}).");
        }
    }

    private static async Task TransferAsync(SmtpConnection connection, MimeMessage message, Dictionary<string, string> extensions, CancellationToken ct)
    {
        var international = message.From.IsAscii && message.To.IsAscii ? "" : " SMTPUTF8";
        if (international.Length > 0 && !extensions.ContainsKey("SMTPUTF8"))
            throw new MailRefusedException("The mail server takes no addresses with letters outside ASCII (SMTPUTF8).");
        Require(await connection.CommandAsync($"MAIL FROM:<{message.From}>{international}", ct), 250, "the sender");
        RequireForMail((await connection.CommandAsync($"RCPT TO:<{message.To}>", ct)).Without(message.To), 250);
        Require((await connection.CommandAsync("DATA", ct)).Without(message.To), 354, "DATA");
        RequireForMail((await connection.DataAsync(message.ToString(), ct)).Without(message.To), 250);
    }

    private static void Require(SmtpReply reply, int code, string what)
    {
        if (reply.Code != code)
            throw new MailDelayedException($"The mail server did not accept {what}: {reply}");
    }

    private static void RequireForMail(SmtpReply reply, int code)
    {
        if (reply.Code == code || code == 250 && reply.Code == 251)
            return;
        // 530: the server wants credentials, which says nothing about the recipient.
        throw reply.Code is >= 500 and not 530
            ? new MailRefusedException($"The mail server refused the mail: {reply}")
            : new MailDelayedException($"The mail server does not take the mail now: {reply}");
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
