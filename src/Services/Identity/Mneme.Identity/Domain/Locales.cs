using System.Globalization;
using System.Text.RegularExpressions;

namespace Mneme.Identity.Domain;

/// <summary>Languages of people: BCP 47 tags of a language, a script and a region, such as <c>de</c>, <c>en-GB</c>, <c>zh-Hant-TW</c>.</summary>
internal static partial class Locales
{
    public const int MaxLength = 35;

    /// <returns>The tag in its canonical spelling, or null if it is none or its language is not known here.</returns>
    public static string? Parse(string text)
    {
        if (text.Length > MaxLength || !Tag().IsMatch(text))
            return null;
        var parts = text.Split('-');
        for (var i = 0; i < parts.Length; i++)
        {
            parts[i] = (i, parts[i].Length) switch
            {
                (0, _) => parts[i].ToLowerInvariant(),
                (_, 4) => char.ToUpperInvariant(parts[i][0]) + parts[i][1..].ToLowerInvariant(),
                _ => parts[i].ToUpperInvariant(),
            };
        }

        try
        {
            return CultureInfo.GetCultureInfo(parts[0], predefinedOnly: true).LCID != CultureInfo.InvariantCulture.LCID ? string.Join('-', parts) : null;
        }
        catch (CultureNotFoundException)
        {
            return null;
        }
    }

    [GeneratedRegex(@"^[A-Za-z]{2,3}(-[A-Za-z]{4})?(-([A-Za-z]{2}|[0-9]{3}))?\z", RegexOptions.NonBacktracking)]
    private static partial Regex Tag();
}
