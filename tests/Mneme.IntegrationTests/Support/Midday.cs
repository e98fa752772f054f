namespace Mneme.IntegrationTests.Support;

/// <summary>For tests that take the present from the real clock: where no midnight, no rollover of study days and no change of clocks can fall into a run.</summary>
internal static class Midday
{
    /// <summary>A time zone in which it is noon, or up to an hour later.</summary>
    public static string Zone { get; } = (12 - TimeProvider.System.GetUtcNow().Hour) switch
    {
        0 => "Etc/GMT",
        // The signs of these names are the other way round: Etc/GMT-3 is three hours ahead of UTC.
        > 0 and var ahead => $"Etc/GMT-{ahead}",
        var behind => $"Etc/GMT+{-behind}",
    };
}
