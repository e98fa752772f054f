namespace Mneme.Progress.Domain;

/// <summary>
/// Levels rise with points: level <c>n</c> begins at <c>50·n·(n − 1)</c> points, so each level takes 100 points (ten reviews) more than the one before.
/// 1 → 0, 2 → 100, 3 → 300, 4 → 600, 5 → 1,000, 10 → 4,500, 50 → 122,500.
/// </summary>
internal static class Level
{
    private const long Step = 50;

    /// <summary>The largest number of points that levels are defined for; far beyond what a life of reviews earns.</summary>
    public const long MaxPoints = 1_000_000_000_000_000;

    /// <param name="points">0 to <see cref="MaxPoints"/>.</param>
    /// <returns>The level, from 1.</returns>
    public static int Of(long points)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(points);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(points, MaxPoints);
        // The root is only an estimate: near a boundary a double may be off by one.
        var level = (int)((1 + Math.Sqrt(1 + 4d * points / Step)) / 2);
        while (StartOf(level) > points)
            level--;
        while (StartOf(level + 1) <= points)
            level++;
        return level;
    }

    /// <summary>Points at which a level begins.</summary>
    /// <param name="level">From 1.</param>
    public static long StartOf(int level) => Step * level * (level - 1);
}
