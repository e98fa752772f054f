using System.Text;

namespace Mneme.Channels.Infrastructure.Formats;

/// <summary>Quoted-printable (RFC 2045, 6.7) and its sibling for headers (RFC 2047, 4.2).</summary>
internal static class QuotedPrintable
{
    /// <param name="text">Octets as characters; lines end in LF.</param>
    /// <param name="isHeader">Whether an underscore is a space.</param>
    public static byte[] Decode(string text, bool isHeader)
    {
        var octets = new List<byte>(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (c == '=' && i + 1 < text.Length && text[i + 1] == '\n')
                i++;
            else if (c == '=' && i + 2 < text.Length && char.IsAsciiHexDigit(text[i + 1]) && char.IsAsciiHexDigit(text[i + 2]))
            {
                octets.Add(Convert.ToByte(text.Substring(i + 1, 2), 16));
                i += 2;
            }
            else
            {
                octets.Add((byte)(isHeader && c == '_' ? ' ' : c));
            }
        }

        return [.. octets];
    }

    /// <summary>Decodes the encoded words (<c>=?utf-8?q?…?=</c>) of a header; the rest is taken as UTF-8 (RFC 6532).</summary>
    public static string DecodeHeader(string value)
    {
        var result = new StringBuilder(value.Length);
        var plainStart = 0;
        var wasEncoded = false;
        for (var i = 0; i < value.Length;)
        {
            if (value[i] == '=' && EncodedWordAt(value, i) is ({ } word, var end))
            {
                var between = value[plainStart..i];
                // White space between two encoded words only separates them.
                if (!wasEncoded || !string.IsNullOrWhiteSpace(between))
                    result.Append(Utf8(between));
                result.Append(word);
                (i, plainStart, wasEncoded) = (end, end, true);
            }
            else
            {
                i++;
            }
        }

        return result.Append(Utf8(value[plainStart..])).ToString();
    }

    private static (string? Word, int End) EncodedWordAt(string value, int start)
    {
        const int MaxWord = 1_000;
        if (!value.AsSpan(start).StartsWith("=?", StringComparison.Ordinal))
            return (null, start);
        var window = value.AsSpan(start, Math.Min(value.Length - start, MaxWord)).ToString();
        var parts = window.Split('?', 5);
        if (parts.Length < 5 || !parts[4].StartsWith('=') || parts[2] is not ("B" or "b" or "Q" or "q"))
            return (null, start);
        var octets = parts[2] is "B" or "b" ? MailEntity.DecodeBase64(parts[3]) : Decode(parts[3], isHeader: true);
        return (MailMessage.EncodingOf(parts[1].Split('*')[0]).GetString(octets), start + parts[0].Length + parts[1].Length + parts[2].Length + parts[3].Length + 5);
    }

    private static string Utf8(string octets) => Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(octets));
}
