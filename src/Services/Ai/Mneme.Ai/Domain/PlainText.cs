using System.Globalization;
using System.Text;

namespace Mneme.Ai.Domain;

/// <summary>Makes a model's words safe to store and to show as plain text.</summary>
internal static class PlainText
{
    /// <summary>
    /// One line in Unicode form C, without control characters, without marks that reorder or hide text, without halves of surrogate pairs;
    /// white space is single and not at the ends.
    /// </summary>
    public static string Line(string text)
    {
        var result = new StringBuilder(text.Length);
        var pendingSpace = false;
        // EnumerateRunes turns a lone surrogate into U+FFFD.
        foreach (var rune in text.EnumerateRunes())
        {
            if (Rune.IsWhiteSpace(rune) || rune.Value is '\u0085')
            {
                pendingSpace = result.Length > 0;
                continue;
            }

            if (IsHidden(rune))
                continue;
            if (pendingSpace)
                result.Append(' ');
            pendingSpace = false;
            result.Append(rune.ToString());
        }

        return result.ToString().Normalize(NormalizationForm.FormC);
    }

    /// <summary>A line of at most <paramref name="maxLength"/> UTF-16 units, cut between words where possible.</summary>
    public static string Line(string text, int maxLength)
    {
        var line = Line(text);
        if (line.Length <= maxLength)
            return line;
        var end = line.LastIndexOf(' ', maxLength - 1);
        if (end < maxLength / 2)
            end = char.IsHighSurrogate(line[maxLength - 2]) ? maxLength - 2 : maxLength - 1;
        return line[..end].TrimEnd() + "…";
    }

    private static bool IsHidden(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        UnicodeCategory.Control or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned or UnicodeCategory.Surrogate => true,
        // Joiners and soft hyphens belong to the writing of some languages; what reorders or only hides does not.
        UnicodeCategory.Format => rune.Value is not (0x200C or 0x200D or 0x00AD),
        _ => rune.Value == 0xFFFD,
    };
}
