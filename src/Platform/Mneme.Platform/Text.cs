using System.Text;

namespace Mneme.Platform;

/// <summary>Text as it is kept: Unicode without control characters, lines that end in LF.</summary>
public static class Text
{
    /// <summary>At most the first <paramref name="maxLength"/> UTF-16 units. No character is halved: PostgreSQL does not store half of one.</summary>
    public static string Cut(this string text, int maxLength) =>
        text.Length <= maxLength ? text : text[..(char.IsHighSurrogate(text[maxLength - 1]) ? maxLength - 1 : maxLength)];

    /// <summary>Removes what is no text (control characters but for LF and tab, halves of surrogate pairs, byte order marks) and trims the rest.</summary>
    public static string Clean(string text)
    {
        var result = new StringBuilder(text.Length);
        // Halves of surrogate pairs come as U+FFFD.
        foreach (var rune in text.ReplaceLineEndings("\n").EnumerateRunes())
        {
            if (rune.Value is '\n' or '\t' || !Rune.IsControl(rune) && rune.Value is not (0xFFFD or 0xFFFE or 0xFFFF or 0xFEFF))
                result.Append(rune.ToString());
        }

        return result.ToString().Trim();
    }

    /// <summary>One line with single spaces; null if nothing can be seen of it.</summary>
    public static string? OneLine(string? text)
    {
        var line = string.Join(' ', Clean(text ?? "").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return line.Length == 0 ? null : line;
    }
}
