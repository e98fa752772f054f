using System.Buffers;
using System.Text;
using AngleSharp.Text;

namespace Mneme.Capture.Pages;

/// <summary>
/// Turns a page's bytes into text, by the order of the HTML standard: byte order mark, the header's charset, what the page says of itself, and
/// otherwise UTF-8 if it is that, else windows-1252. Labels mean what the standard says, so iso-8859-1 is windows-1252 and UTF-7 is nothing.
/// </summary>
internal static class CharacterEncoding
{
    /// <summary>How far a page's own declaration is looked for. The standard says 1024; pages are sloppier.</summary>
    private const int DeclarationWithin = 4096;

    private static readonly SearchValues<char> EndOfValue = SearchValues.Create("\"' ;/>\t\r\n");

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static string Decode(byte[] bytes, string? charsetOfHeader)
    {
        var (encoding, markLength) = ByteOrderMark(bytes);
        encoding ??= Known(charsetOfHeader) ?? Declared(bytes.AsSpan(0, Math.Min(bytes.Length, DeclarationWithin))) ?? Guess(bytes);
        return encoding.GetString(bytes, markLength, bytes.Length - markLength);
    }

    private static (Encoding? Encoding, int Length) ByteOrderMark(ReadOnlySpan<byte> bytes) => bytes switch
    {
        [0xEF, 0xBB, 0xBF, ..] => (Encoding.UTF8, 3),
        [0xFE, 0xFF, ..] => (Encoding.BigEndianUnicode, 2),
        [0xFF, 0xFE, ..] => (Encoding.Unicode, 2),
        _ => (null, 0),
    };

    /// <summary>The encoding of a label of the Encoding Standard; null for all others, such as UTF-7.</summary>
    private static Encoding? Known(string? charset)
    {
        var label = charset?.Trim().ToLowerInvariant();
        return label is { Length: > 0 and < 40 } && TextEncoding.IsSupported(label) ? Named(label) : null;
    }

    private static Encoding? Named(string label) => label switch
    {
        "utf-8" or "utf8" or "unicode-1-1-utf-8" => Encoding.UTF8,
        "utf-16" or "utf-16le" => Encoding.Unicode,
        "utf-16be" => Encoding.BigEndianUnicode,
        "ascii" or "us-ascii" or "ansi_x3.4-1968" or "cp1252" or "cp819" or "ibm819" or "l1" or "latin1" or "iso_8859-1" or "iso8859-1" or "iso88591" or "iso-8859-1" or "iso-ir-100"
            => CodePage("windows-1252"),
        "iso-8859-9" or "iso8859-9" or "latin5" or "l5" => CodePage("windows-1254"),
        "iso-8859-11" or "iso8859-11" or "tis-620" or "dos-874" => CodePage("windows-874"),
        "gb2312" or "gb_2312" or "gb_2312-80" or "gbk" or "x-gbk" or "chinese" or "csgb2312" => CodePage("gb18030"),
        "euc-kr" or "korean" or "ks_c_5601-1987" or "ks_c_5601-1989" or "ksc5601" or "ksc_5601" or "windows-949" or "cseuckr" => CodePage("ks_c_5601-1987"),
        "sjis" or "x-sjis" or "shift-jis" or "ms_kanji" or "windows-31j" or "ms932" or "csshiftjis" => CodePage("shift_jis"),
        "iso-8859-8-i" or "logical" or "csiso88598i" => CodePage("iso-8859-8"),
        _ => CodePage(label),
    };

    // Asked directly: registered with the process, it would change what every other part of the program understands.
    private static Encoding? CodePage(string name) => CodePagesEncodingProvider.Instance.GetEncoding(name);

    /// <summary>The charset of a meta element, or of an XML declaration.</summary>
    private static Encoding? Declared(ReadOnlySpan<byte> start)
    {
        var text = Encoding.Latin1.GetString(start);
        var label = text.StartsWith("<?xml", StringComparison.Ordinal) && text.IndexOf("?>", StringComparison.Ordinal) is var end and > 0 ? ValueAfter(text[..end], "encoding") : null;
        for (var at = text.IndexOf('<'); label is null && at >= 0 && at < text.Length; at = text.IndexOf('<', at + 1))
        {
            if (text.AsSpan(at).StartsWith("<!--", StringComparison.Ordinal))
            {
                var close = text.IndexOf("-->", at, StringComparison.Ordinal);
                if (close < 0)
                    break;
                at = close;
            }
            else if (text.AsSpan(at).StartsWith("<meta", StringComparison.OrdinalIgnoreCase))
            {
                var close = text.IndexOf('>', at);
                label = ValueAfter(close < 0 ? text[at..] : text[at..close], "charset");
            }
        }

        // A page that can be read as ASCII up to here is not UTF-16, whatever it says.
        return Known(label) is not { } encoding ? null : encoding.WebName.StartsWith("utf-16", StringComparison.OrdinalIgnoreCase) ? Encoding.UTF8 : encoding;
    }

    private static string? ValueAfter(string text, string name)
    {
        var at = text.IndexOf(name, StringComparison.OrdinalIgnoreCase);
        if (at < 0)
            return null;
        var rest = text.AsSpan(at + name.Length).TrimStart();
        if (rest is not ['=', ..])
            return null;
        rest = rest[1..].TrimStart().TrimStart("\"'");
        var end = rest.IndexOfAny(EndOfValue);
        return (end < 0 ? rest : rest[..end]).ToString();
    }

    private static Encoding Guess(byte[] bytes)
    {
        try
        {
            _ = StrictUtf8.GetCharCount(bytes);
            return Encoding.UTF8;
        }
        catch (DecoderFallbackException)
        {
            return CodePage("windows-1252")!;
        }
    }
}
