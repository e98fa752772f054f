using System.Text;

namespace Mneme.Capture.Domain;

/// <summary>Text as it is kept: Unicode without control characters, lines that end in LF.</summary>
internal static class PlainText
{
    public const int ExcerptLength = 280;

    /// <summary>Removes what is no text: control characters, halves of surrogate pairs, non-characters, byte order marks; trims the rest.</summary>
    public static string Clean(string text)
    {
        var result = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (c == '\r')
            {
                if (i + 1 == text.Length || text[i + 1] != '\n')
                    result.Append('\n');
            }
            else if (c is '\u2028' or '\u2029' or '\u0085')
            {
                result.Append('\n');
            }
            else if (char.IsHighSurrogate(c) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                result.Append(c).Append(text[++i]);
            }
            else if (c is '\n' or '\t' || !char.IsControl(c) && !char.IsSurrogate(c) && c is not ('\uFFFE' or '\uFFFF' or '\uFEFF'))
            {
                result.Append(c);
            }
        }

        return result.ToString().Trim();
    }

    /// <summary>One line with single spaces.</summary>
    /// <param name="text">Any text.</param>
    /// <param name="maxLength">What is longer is cut, with an ellipsis.</param>
    /// <returns>Null if nothing can be seen of it.</returns>
    public static string? OneLine(string? text, int maxLength)
    {
        if (text is null)
            return null;
        var result = new StringBuilder(Math.Min(text.Length, 256));
        foreach (var c in Clean(text))
        {
            if (!char.IsWhiteSpace(c))
                result.Append(c);
            else if (result.Length > 0 && result[^1] != ' ')
                result.Append(' ');
        }

        return result.Length == 0 ? null : Cut(result.ToString().TrimEnd(' '), maxLength);
    }

    /// <summary>The beginning, up to a word's end, for lists.</summary>
    public static string Excerpt(string text) => OneLine(text.Length > 2 * ExcerptLength ? text[..(2 * ExcerptLength)] : text, ExcerptLength) ?? "";

    private static string Cut(string text, int maxLength)
    {
        if (text.Length <= maxLength)
            return text;
        var end = text.LastIndexOf(' ', maxLength - 1);
        if (end < maxLength / 2)
            end = char.IsHighSurrogate(text[maxLength - 2]) ? maxLength - 2 : maxLength - 1;
        return text[..end] + "…";
    }
}
