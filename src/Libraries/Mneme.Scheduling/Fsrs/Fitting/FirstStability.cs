namespace Mneme.Scheduling.Fsrs.Fitting;

/// <summary>The stability after the first review, for each first rating by itself: one number, which the first review after a gap tells.</summary>
internal static class FirstStability
{
    /// <summary>First stabilities are never more, in days.</summary>
    private const double Most = 100;

    // How the logarithms of neighbouring stabilities lie between each other, in the average of many learners.
    private const double HardFromAgain = 0.41;
    private const double GoodFromEasy = 0.54;

    /// <summary>The stability that explains what was remembered best, near the default if little is known.</summary>
    /// <param name="gaps">What was remembered after which gap.</param>
    /// <param name="averageRecall">Counts as one more card for each gap.</param>
    /// <param name="defaultStability">The default, which a stability is drawn to.</param>
    public static double Search(IReadOnlyList<FirstGap> gaps, double averageRecall, double defaultStability)
    {
        var (low, high) = (FsrsModel.MinStability, Most);
        for (var i = 0; i < 1_000 && high - low > 1e-9; i++)
        {
            var third = (high - low) / 3;
            if (Loss(gaps, averageRecall, low + third, defaultStability) < Loss(gaps, averageRecall, high - third, defaultStability))
                high -= third;
            else
                low += third;
        }

        return (low + high) / 2;
    }

    internal static double Loss(IReadOnlyList<FirstGap> gaps, double averageRecall, double stability, double defaultStability)
    {
        var loss = Math.Abs(stability - defaultStability) / 16;
        foreach (var gap in gaps)
            loss += LogLoss(gap.Days, (gap.Remembered + averageRecall) / (gap.Count + 1.0), gap.Count, stability);
        return loss;
    }

    /// <summary>Weighted cross entropy of one gap under the default forgetting curve.</summary>
    internal static double LogLoss(double days, double recall, double count, double stability)
    {
        var w20 = FsrsWeights.Default.Values[20];
        var r = Math.Pow(1 + (Math.Exp(-Math.Log(0.9) / w20) - 1) * days / stability, -w20);
        return -count * (recall * Math.Log(r) + (1 - recall) * Math.Log(1 - r));
    }

    /// <summary>
    /// Puts stabilities into order (of two in the wrong one, that with more cards prevails) and fills in what no card tells: two relations between neighbours' logarithms give
    /// two unknowns from two, and one known scales the defaults.
    /// </summary>
    /// <param name="stabilities">Stability for each first rating; NaN if no card had it.</param>
    /// <param name="counts">Cards of each first rating.</param>
    public static double[] SmoothAndFill(ReadOnlySpan<double> stabilities, ReadOnlySpan<int> counts)
    {
        var s = stabilities.ToArray();
        foreach (var (small, big) in ((int, int)[])[(0, 1), (1, 2), (2, 3), (0, 2), (1, 3), (0, 3)])
        {
            // A comparison with NaN is false.
            if (s[small] > s[big])
                s[counts[small] > counts[big] ? big : small] = s[counts[small] > counts[big] ? small : big];
        }

        var known = s.Count(double.IsFinite);
        if (known == 0)
            return FsrsWeights.Default.Values[..4].ToArray();
        if (known == 1)
            Scale(s);
        else
            Fill(s);
        return [.. s.Select(value => Math.Clamp(value, FsrsModel.MinStability, Most))];
    }

    private static void Scale(double[] s)
    {
        var only = Array.FindIndex(s, double.IsFinite);
        var factor = s[only] / FsrsWeights.Default.Values[only];
        for (var i = 0; i < 4; i++)
            s[i] = FsrsWeights.Default.Values[i] * factor;
    }

    private static void Fill(double[] s)
    {
        var log = s.Select(value => Math.Log(value)).ToArray();
        var (again, hard, good, easy) = (0, 1, 2, 3);
        if (double.IsNaN(log[hard]) && double.IsNaN(log[good]))
        {
            // Both relations at once.
            log[hard] = (HardFromAgain * log[again] + (1 - HardFromAgain) * GoodFromEasy * log[easy]) / (HardFromAgain + GoodFromEasy - HardFromAgain * GoodFromEasy);
        }

        // hard = a·again + (1 − a)·good and good = (1 − b)·hard + b·easy, whichever has one unknown.
        if (double.IsNaN(log[good]) && double.IsFinite(log[easy]))
            log[good] = (1 - GoodFromEasy) * log[hard] + GoodFromEasy * log[easy];
        if (double.IsNaN(log[hard]))
            log[hard] = double.IsNaN(log[again]) ? (log[good] - GoodFromEasy * log[easy]) / (1 - GoodFromEasy) : HardFromAgain * log[again] + (1 - HardFromAgain) * log[good];
        if (double.IsNaN(log[good]))
            log[good] = (log[hard] - HardFromAgain * log[again]) / (1 - HardFromAgain);
        if (double.IsNaN(log[easy]))
            log[easy] = (log[good] - (1 - GoodFromEasy) * log[hard]) / GoodFromEasy;
        if (double.IsNaN(log[again]))
            log[again] = (log[hard] - (1 - HardFromAgain) * log[good]) / HardFromAgain;

        for (var i = 0; i < 4; i++)
            s[i] = double.IsNaN(s[i]) ? Math.Exp(log[i]) : s[i];
    }
}
