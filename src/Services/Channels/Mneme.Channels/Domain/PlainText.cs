using System.Text;
using Mneme.Platform;

namespace Mneme.Channels.Domain;

/// <summary>Text as it is kept: Unicode without control characters, lines that end in LF.</summary>
internal static class PlainText
{
    /// <summary>Removes what is no text and trims the rest.</summary>
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

    /// <summary>As <see cref="OneLine(string?)"/>, cut where it is longer.</summary>
    public static string? OneLine(string? text, int maxLength) => OneLine(text)?.Cut(maxLength);
}
