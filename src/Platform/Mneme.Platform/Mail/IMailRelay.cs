namespace Mneme.Platform.Mail;

/// <summary>A service of somebody else's that delivers mails, other than by SMTP. The host brings the adapter, because only it carries client libraries.</summary>
public interface IMailRelay
{
    /// <summary>Hands one mail over; returns when it was accepted.</summary>
    /// <param name="from">The sender's address.</param>
    /// <param name="to">The recipient's address.</param>
    /// <param name="message">The mail as RFC 5322 has it.</param>
    /// <param name="ct">Cancels.</param>
    /// <exception cref="MailRelayException">It was not accepted.</exception>
    Task SendAsync(string from, string to, ReadOnlyMemory<byte> message, CancellationToken ct);
}

/// <summary>A mail was not accepted.</summary>
/// <param name="message">Why.</param>
/// <param name="isFinal">Whether it would be refused again: for what it is, or whom it is to.</param>
/// <param name="inner">What happened.</param>
public sealed class MailRelayException(string message, bool isFinal, Exception? inner = null) : Exception(message, inner)
{
    public bool IsFinal { get; } = isFinal;
}
