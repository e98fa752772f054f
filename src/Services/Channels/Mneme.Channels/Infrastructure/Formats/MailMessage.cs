using System.Security.Cryptography;
using System.Text;
using Mneme.Channels.Domain;

namespace Mneme.Channels.Infrastructure.Formats;

/// <summary>
/// A mail as a mail server hands it over: RFC 5322 with MIME. Its subject and its text are taken, the plain one if there is one; attachments are not. Whatever the octets are, it
/// is read without error, because a mail server could do nothing with a refusal.
/// </summary>
internal static class MailMessage
{
    private const int MaxDepth = 8;
    private const int MaxParts = 100;

    /// <returns>Null if the mail says nothing.</returns>
    public static IncomingMessage? Read(byte[] raw)
    {
        var mail = MailEntity.Parse(Encoding.Latin1.GetString(raw).Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n'));
        var remaining = MaxParts;
        var parts = TextsOf(mail, depth: 0, ref remaining);
        var best = parts.Find(part => part.MediaType == "text/plain") ?? parts.FirstOrDefault();
        var text = best is null ? null : EncodingOf(best.Charset).GetString(best.Decode());
        var id = mail.Header("Message-ID") is { Length: > 2 } messageId ? messageId : Convert.ToHexString(SHA256.HashData(raw));
        return IncomingMessage.Of(id, QuotedPrintable.DecodeHeader(mail.Header("Subject") ?? ""), best?.MediaType == "text/html" ? HtmlText.Of(text!) : text, url: null);
    }

    /// <summary>An encoding by its name in mails; UTF-8 if it is not known.</summary>
    public static Encoding EncodingOf(string? charset)
    {
        if (string.IsNullOrWhiteSpace(charset))
            return Encoding.UTF8;
        try
        {
            return CodePagesEncodingProvider.Instance.GetEncoding(charset) ?? Encoding.GetEncoding(charset);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            return Encoding.UTF8;
        }
    }

    private static List<MailEntity> TextsOf(MailEntity entity, int depth, ref int remaining)
    {
        if (entity.IsAttachment || --remaining < 0)
            return [];
        if (entity.MediaType is "text/plain" or "text/html")
            return [entity];
        if (!entity.MediaType.StartsWith("multipart/", StringComparison.Ordinal) || string.IsNullOrEmpty(entity.Boundary) || depth == MaxDepth)
            return [];
        var texts = new List<MailEntity>();
        foreach (var part in PartsOf(entity))
            texts.AddRange(TextsOf(MailEntity.Parse(part), depth + 1, ref remaining));
        return texts;
    }

    /// <summary>What stands between the lines <c>--boundary</c>; before the first and after the last are words for programs without MIME.</summary>
    private static IEnumerable<string> PartsOf(MailEntity entity)
    {
        var delimiter = "\n--" + entity.Boundary;
        var body = "\n" + entity.Body;
        var at = body.IndexOf(delimiter, StringComparison.Ordinal);
        while (at >= 0)
        {
            var start = at + delimiter.Length;
            if (body.AsSpan(start).StartsWith("--", StringComparison.Ordinal))
                yield break;
            var line = body.IndexOf('\n', start);
            if (line < 0)
                yield break;
            at = body.IndexOf(delimiter, line, StringComparison.Ordinal);
            yield return at < 0 ? body[(line + 1)..] : body[(line + 1)..Math.Max(at, line + 1)];
        }
    }
}
