namespace Mneme.Scheduling;

/// <summary>
/// The SuperMemo 2 algorithm (P. A. Woźniak, "Optimization of learning", 1990, chapter 3.2), pure and without allocation. Where implementations differ, this one
/// does as the original text reads: the interval is multiplied by the <em>updated</em> ease and rounded up, and a forgotten card starts again with its ease unchanged.
/// </summary>
/// <remarks>
/// The ease is counted in whole hundredths: every step of the formula is one, and rounding up a product of doubles is wrong in about 4 % of reviews
/// (50 · 3.0 becomes 151).
/// </remarks>
public static class Sm2
{
    /// <summary>Total blackout.</summary>
    public const int MinQuality = 0;

    /// <summary>Perfect answer.</summary>
    public const int MaxQuality = 5;

    /// <summary>From this quality on, the answer counts as remembered.</summary>
    public const int PassingQuality = 3;

    /// <summary>The ease never falls below 1.30.</summary>
    public const int MinEaseHundredths = 130;

    /// <summary>Ease of a card never reviewed: 2.50.</summary>
    public const int InitialEaseHundredths = 250;

    /// <summary>
    /// Intervals stop growing at a hundred years. The original has no bound, and passes the last date a calendar can hold within some thirty perfect reviews.
    /// </summary>
    public const int MaxIntervalDays = 36_500;

    private const int FirstInterval = 1;
    private const int SecondInterval = 6;

    /// <summary>The state after a review.</summary>
    /// <param name="state">The state before it.</param>
    /// <param name="quality">How well the answer was known, from <see cref="MinQuality"/> to <see cref="MaxQuality"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">The quality is none, or the state is none that this algorithm produces.</exception>
    public static Sm2State Review(Sm2State state, int quality)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(quality, MinQuality);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(quality, MaxQuality);
        ArgumentOutOfRangeException.ThrowIfLessThan(state.EaseHundredths, MinEaseHundredths, nameof(state));
        ArgumentOutOfRangeException.ThrowIfNegative(state.IntervalDays, nameof(state));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(state.IntervalDays, MaxIntervalDays, nameof(state));
        ArgumentOutOfRangeException.ThrowIfNegative(state.Repetitions, nameof(state));
        if (quality < PassingQuality)
            return new Sm2State(state.EaseHundredths, FirstInterval, 0);

        var ease = Math.Max(MinEaseHundredths, state.EaseHundredths + EaseStep(quality));
        var interval = state.Repetitions switch
        {
            0 => FirstInterval,
            1 => SecondInterval,
            _ => NextInterval(state.IntervalDays, ease),
        };
        return new Sm2State(ease, interval, state.Repetitions + 1);
    }

    /// <summary>EF′ − EF = 0.1 − (5 − q)·(0.08 + (5 − q)·0.02), in hundredths: −80, −54, −32, −14, 0, +10 for q = 0…5.</summary>
    internal static int EaseStep(int quality)
    {
        var miss = MaxQuality - quality;
        return 10 - miss * (8 + miss * 2);
    }

    /// <summary>The product rounded up, in integers: 36,500 days at any ease an int can hold fit a long.</summary>
    private static int NextInterval(int interval, int ease) =>
        (int)Math.Clamp(((long)interval * ease + 99) / 100, FirstInterval, MaxIntervalDays);
}
