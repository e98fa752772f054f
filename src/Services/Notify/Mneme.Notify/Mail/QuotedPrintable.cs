using System.Globalization;
using System.Text;

namespace Mneme.Notify.Mail;

/// <summary>The transfer encoding quoted-printable of UTF-8 text (RFC 2045 §6.7): lines of at most 76 characters, ended by CRLF.</summary>
internal static class QuotedPrintable
{
    private const int LongestLine = 76;

    public static string Encode(string text)
    {
        var encoded = new StringBuilder(text.Length + text.Length / 8);
        foreach (var line in text.ReplaceLineEndings("\n").Split('\n'))
            AppendLine(encoded, Encoding.UTF8.GetBytes(line));
        // Split gives one line more than there are line ends.
        return encoded.ToString(0, encoded.Length - 2);
    }

    private static void AppendLine(StringBuilder encoded, byte[] line)
    {
        var length = 0;
        for (var i = 0; i < line.Length; i++)
        {
            var isLast = i == line.Length - 1;
            // Space at the end of a line may be lost on the way.
            var isLiteral = line[i] is >= 33 and <= 126 and not (byte)'=' || line[i] is (byte)' ' or (byte)'\t' && !isLast;
            var width = isLiteral ? 1 : 3;
            // The last column belongs to the soft line break, unless the line ends here.
            if (length + width > (isLast ? LongestLine : LongestLine - 1))
            {
                encoded.Append("=\r\n");
                length = 0;
            }

            if (isLiteral)
                encoded.Append((char)line[i]);
            else
                encoded.Append(CultureInfo.InvariantCulture, $"={line[i]:X2}");
            length += width;
        }

        encoded.Append("\r\n");
    }
}
