using System.Globalization;
using System.Text;

namespace Mneme.Identity.Domain;

/// <summary>What a person is called. Any script, but nothing that would disturb the text around it.</summary>
internal static class PersonName
{
    /// <summary>In UTF-16 units, as the API description counts.</summary>
    public const int MaxLength = 100;

    /// <returns>The name, trimmed, or null if it is empty, too long or holds control characters, line breaks or marks that turn the direction of writing.</returns>
    public static string? Parse(string text)
    {
        var name = text.Trim();
        return name.Length is > 0 and <= MaxLength && name.EnumerateRunes().All(IsHarmless) ? name : null;
    }

    private static bool IsHarmless(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.Surrogate => false,
        // Joiners shape letters in several scripts; the other format characters reorder or hide text.
        UnicodeCategory.Format => rune.Value is 0x200C or 0x200D,
        _ => true,
    };
}
