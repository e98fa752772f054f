namespace Mneme.Scheduling.Fsrs;

/// <summary>Spreads cards that were learned together over neighbouring days. The same seed gives the same day.</summary>
public static class Fuzz
{
    /// <summary>Shorter intervals, in days, stay as they are.</summary>
    public const double Threshold = 2.5;

    private const int LeastDays = 2;

    /// <summary>The days among which one is chosen: I ± δ, with δ = 1 + 0.15 of the part in 2.5 to 7 days + 0.10 of that in 7 to 20 + 0.05 of that above.</summary>
    /// <param name="interval">Whole days, at least 1.</param>
    /// <param name="maximum">The longest interval that is allowed, at least 1.</param>
    public static (int Least, int Most) Range(int interval, int maximum)
    {
        interval = Math.Min(interval, maximum);
        if (interval < Threshold)
            return (interval, interval);
        var delta = 1 + 0.15 * (Math.Min(interval, 7) - Threshold) + 0.10 * Math.Max(Math.Min(interval, 20) - 7, 0) + 0.05 * Math.Max(interval - 20, 0);
        var most = Math.Min(Whole(interval + delta), maximum);
        return (Math.Min(Math.Max(Whole(interval - delta), LeastDays), most), most);
    }

    /// <summary>One of the days in <see cref="Range"/>.</summary>
    /// <param name="interval">Whole days, at least 1.</param>
    /// <param name="unit">Which one: from 0 to below 1, such as <see cref="Unit"/> gives.</param>
    /// <param name="maximum">The longest interval that is allowed, at least 1.</param>
    public static int Apply(int interval, double unit, int maximum)
    {
        var (least, most) = Range(interval, maximum);
        return least + (int)(unit * (most - least + 1));
    }

    /// <summary>A number from 0 to below 1, evenly spread over seeds (SplitMix64's finaliser; G. Steele et al., "Fast splittable pseudorandom number generators", 2014).</summary>
    public static double Unit(ulong seed)
    {
        var z = seed + 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return ((z ^ (z >> 31)) >> 11) * (1.0 / (1UL << 53));
    }

    /// <summary>Halves go up, as in every port.</summary>
    internal static int Whole(double days) => (int)Math.Floor(days + 0.5);
}
