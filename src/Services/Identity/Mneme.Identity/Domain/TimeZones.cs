using System.Text.RegularExpressions;

namespace Mneme.Identity.Domain;

/// <summary>IANA time zones, as people's calendars follow them.</summary>
internal static partial class TimeZones
{
    public const int MaxLength = 64;

    /// <returns>The IANA name, or null if the zone is not known here.</returns>
    public static string? Parse(string text)
    {
        // The name becomes a path under /usr/share/zoneinfo, so only what looks like a zone is looked up; posix/ and right/ are copies with other rules, and
        // the others stand for what this machine is set to.
        if (text.Length > MaxLength || !Name().IsMatch(text) || text is "localtime" or "Factory"
            || text.StartsWith("posix", StringComparison.Ordinal) || text.StartsWith("right/", StringComparison.Ordinal))
            return null;
        if (text is "Z" or "Etc/UTC")
            return "UTC";
        return TimeZoneInfo.TryFindSystemTimeZoneById(text, out var zone) && zone.HasIanaId ? zone.Id : null;
    }

    [GeneratedRegex(@"^[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+){0,2}\z", RegexOptions.NonBacktracking)]
    private static partial Regex Name();
}
