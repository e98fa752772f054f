using System.Globalization;

namespace Mneme.Progress.Features;

/// <summary>The sentence to post, in German for German profiles and in English for all others.</summary>
internal static class ShareText
{
    public static string Of(ShareStats stats, string locale)
    {
        var isGerman = locale.Equals("de", StringComparison.OrdinalIgnoreCase) || locale.StartsWith("de-", StringComparison.OrdinalIgnoreCase);
        return isGerman ? German(stats) : English(stats);
    }

    private static string English(ShareStats stats)
    {
        var points = Number(stats.Points, "en", "point", "points");
        return stats.Streak == 0
            ? $"I have reached level {stats.Level} with {points} on Mneme."
            : $"I have reached level {stats.Level} with {points} on Mneme, and I am on a streak of {Number(stats.Streak, "en", "day", "days")}.";
    }

    private static string German(ShareStats stats)
    {
        var points = Number(stats.Points, "de", "Punkt", "Punkten");
        return stats.Streak == 0
            ? $"Ich habe mit {points} Level {stats.Level} auf Mneme erreicht."
            : $"Ich habe mit {points} Level {stats.Level} auf Mneme erreicht und lerne seit {Number(stats.Streak, "de", "Tag", "Tagen")} in Folge.";
    }

    private static string Number(long value, string culture, string one, string many) =>
        $"{value.ToString("N0", CultureInfo.GetCultureInfo(culture))} {(value == 1 ? one : many)}";
}
