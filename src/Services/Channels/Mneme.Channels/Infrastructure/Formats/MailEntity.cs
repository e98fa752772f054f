using System.Text;

namespace Mneme.Channels.Infrastructure.Formats;

/// <summary>
/// A mail or one part of it (RFC 5322, RFC 2045): headers and body. Octets are kept as the characters U+0000 to U+00FF until it is known what they mean.
/// </summary>
internal sealed class MailEntity
{
    private readonly Dictionary<string, string> _headers = new(StringComparer.OrdinalIgnoreCase);

    private MailEntity(string body) => Body = body;

    /// <summary>As it was transferred.</summary>
    public string Body { get; }

    public string MediaType { get; private set; } = "text/plain";

    public string? Charset { get; private set; }

    public string? Boundary { get; private set; }

    public bool IsAttachment => Header("Content-Disposition")?.TrimStart().StartsWith("attachment", StringComparison.OrdinalIgnoreCase) == true;

    /// <summary>Unfolded, not decoded; the first if there are several.</summary>
    public string? Header(string name) => _headers.GetValueOrDefault(name);

    /// <param name="text">Lines that end in LF.</param>
    public static MailEntity Parse(string text)
    {
        var end = text.StartsWith('\n') ? 0 : text.IndexOf("\n\n", StringComparison.Ordinal);
        var entity = new MailEntity(end < 0 ? "" : text[(end == 0 ? 1 : end + 2)..]);
        entity.ReadHeaders(end < 0 ? text : text[..end]);
        if (entity.Header("Content-Type") is { } type)
            entity.ReadContentType(type);
        return entity;
    }

    /// <summary>The body's octets without its transfer encoding.</summary>
    public byte[] Decode() => Header("Content-Transfer-Encoding")?.Trim().ToLowerInvariant() switch
    {
        "base64" => DecodeBase64(Body),
        "quoted-printable" => QuotedPrintable.Decode(Body, isHeader: false),
        _ => Encoding.Latin1.GetBytes(Body),
    };

    /// <summary>Octets of base64, whatever stands between; what is left of a broken end is dropped.</summary>
    public static byte[] DecodeBase64(string text)
    {
        var digits = new string([.. text.Where(c => char.IsAsciiLetterOrDigit(c) || c is '+' or '/')]);
        var whole = digits.Length % 4 == 1 ? digits[..^1] : digits;
        return Convert.FromBase64String(whole.PadRight((whole.Length + 3) / 4 * 4, '='));
    }

    private void ReadHeaders(string head)
    {
        // A line that begins with white space goes on with the one before.
        var lines = head.Replace("\n ", " ", StringComparison.Ordinal).Replace("\n\t", " ", StringComparison.Ordinal).Split('\n');
        foreach (var line in lines)
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon > 0)
                _headers.TryAdd(line[..colon].Trim(), line[(colon + 1)..].Trim());
        }
    }

    private void ReadContentType(string value)
    {
        var semicolon = value.IndexOf(';', StringComparison.Ordinal);
        MediaType = (semicolon < 0 ? value : value[..semicolon]).Trim().ToLowerInvariant();
        while (semicolon >= 0 && semicolon + 1 < value.Length)
        {
            var start = semicolon + 1;
            var equals = value.IndexOf('=', start);
            if (equals < 0)
                return;
            var name = value[start..equals].Trim();
            var isQuoted = equals + 1 < value.Length && value[equals + 1] == '"';
            var end = isQuoted ? value.IndexOf('"', equals + 2) : value.IndexOf(';', equals);
            end = end < 0 ? value.Length : end;
            var parameter = value[(isQuoted ? equals + 2 : equals + 1)..end].Trim();
            if (name.Equals("charset", StringComparison.OrdinalIgnoreCase))
                Charset = parameter;
            else if (name.Equals("boundary", StringComparison.OrdinalIgnoreCase))
                Boundary = parameter;
            semicolon = value.IndexOf(';', end);
        }
    }
}
