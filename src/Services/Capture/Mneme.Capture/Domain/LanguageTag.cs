using System.Text.RegularExpressions;

namespace Mneme.Capture.Domain;

/// <summary>Language tags (BCP 47, RFC 5646): checked for their form and written in the recommended case, such as <c>de-AT</c> or <c>zh-Hant</c>.</summary>
internal static partial class LanguageTag
{
    public const int MaxLength = 35;

    /// <returns>Null if it is no language tag, or says that the language is not determined.</returns>
    public static string? Parse(string? text)
    {
        var tag = text?.Trim().Replace('_', '-');
        if (tag is null or { Length: < 2 or > MaxLength } || !WellFormed().IsMatch(tag))
            return null;
        var parts = tag.ToLowerInvariant().Split('-');
        if (parts[0] is "und" or "mul" or "zxx" or "mis")
            return null;
        var inExtension = false;
        for (var i = 1; i < parts.Length; i++)
        {
            inExtension |= parts[i].Length == 1;
            if (!inExtension)
                parts[i] = parts[i] switch
                {
                    { Length: 2 } region => region.ToUpperInvariant(),
                    { Length: 4 } script when char.IsAsciiLetter(script[0]) => char.ToUpperInvariant(script[0]) + script[1..],
                    var other => other,
                };
        }

        return string.Join('-', parts);
    }

    [GeneratedRegex(
        "^(?:[a-z]{2,3}(?:-[a-z]{3}){0,3}|[a-z]{4,8})(?:-[a-z]{4})?(?:-(?:[a-z]{2}|[0-9]{3}))?(?:-(?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*(?:-[0-9a-wy-z](?:-[a-z0-9]{2,8})+)*(?:-x(?:-[a-z0-9]{1,8})+)?$",
        RegexOptions.IgnoreCase | RegexOptions.NonBacktracking | RegexOptions.CultureInvariant)]
    private static partial Regex WellFormed();
}
