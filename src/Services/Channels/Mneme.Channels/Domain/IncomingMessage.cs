using System.Security.Cryptography;
using System.Text;
using Mneme.Platform;
using Mneme.Platform.Http.Outgoing;

namespace Mneme.Channels.Domain;

/// <summary>What a sender said, whatever the format, in the one form in which it is kept.</summary>
internal sealed record IncomingMessage
{
    public const int MaxTitle = 300;
    public const int MaxText = 50_000;

    private IncomingMessage(byte[] fingerprint, string? title, string text, string? url) => (Fingerprint, Title, Text, Url) = (fingerprint, title, text, url);

    /// <summary>SHA-256 of the sender's own id of the message: within a channel, the same message again has the same.</summary>
    public byte[] Fingerprint { get; }

    public string? Title { get; }

    public string Text { get; }

    /// <summary>http or https address that it speaks of.</summary>
    public string? Url { get; }

    /// <param name="externalId">The sender's own id of the message.</param>
    /// <param name="title">Subject or headline.</param>
    /// <param name="text">What it says; a message without a text says its title.</param>
    /// <param name="url">Left out if it is not an address of the web.</param>
    /// <returns>Null if the message says nothing.</returns>
    public static IncomingMessage? Of(string externalId, string? title, string? text, string? url)
    {
        var line = Platform.Text.OneLine(title)?.Cut(MaxTitle);
        var body = Platform.Text.Clean(text ?? "").Cut(MaxText);
        if (body.Length == 0 && line is null)
            return null;
        var address = url is not null && OutgoingAddress.TryParse(url.Trim(), out var uri, out _) && uri.AbsoluteUri.Length <= OutgoingAddress.MaxLength ? uri.AbsoluteUri : null;
        return new IncomingMessage(SHA256.HashData(Encoding.UTF8.GetBytes(externalId)), line, body.Length > 0 ? body : line!, address);
    }
}
