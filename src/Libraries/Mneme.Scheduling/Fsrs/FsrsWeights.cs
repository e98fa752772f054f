namespace Mneme.Scheduling.Fsrs;

/// <summary>
/// The 21 weights of FSRS-6, immutable and within their bounds. The model behind them has versions of its own (a seventh exists as research), so a stored state of memory
/// names the set that it was computed with: <see cref="Set"/>.
/// </summary>
public sealed class FsrsWeights
{
    /// <summary>How many weights FSRS-6 has.</summary>
    public const int Count = 21;

    private const int CountInFsrs4 = 17;
    private const int CountInFsrs5 = 19;
    private const double DecayBeforeFsrs6 = 0.5;

    private static readonly double[] Lower = [0.001, 0.001, 0.001, 0.001, 1, 0.001, 0.001, 0.001, 0, 0, 0.001, 0.001, 0.001, 0.001, 0, 0, 1, 0, 0, 0, 0.1];
    private static readonly double[] Upper = [100, 100, 100, 100, 10, 4, 4, 0.75, 4.5, 0.8, 3.5, 5, 0.25, 0.9, 4, 1, 6, 2, 2, 0.8, 0.8];

    private readonly double[] _values;

    private FsrsWeights(double[] values, ParameterSet set) => (_values, Set) = (values, set);

    /// <summary>The published defaults: fitted to the reviews of some ten thousand people.</summary>
    public static FsrsWeights Default { get; } = new(
        [
            0.212, 1.2931, 2.3065, 8.2956, 6.4133, 0.8334, 3.0194, 0.001, 1.8722, 0.1666, 0.796, 1.4835, 0.0614, 0.2629, 1.6483, 0.6014, 1.8729, 0.5425, 0.0912,
            0.0658, 0.1542,
        ],
        ParameterSet.Default);

    /// <summary>w0 … w20.</summary>
    public ReadOnlySpan<double> Values => _values;

    /// <summary>Which set this is.</summary>
    public ParameterSet Set { get; }

    /// <summary>The least each weight can be.</summary>
    public static ReadOnlySpan<double> Minimum => Lower;

    /// <summary>The most each weight can be.</summary>
    public static ReadOnlySpan<double> Maximum => Upper;

    /// <summary>Weights from numbers, each moved into its bounds as the ports of FSRS do.</summary>
    /// <param name="values">21 weights of FSRS-6; or 19 of FSRS-5 or 17 of FSRS-4.5, which are carried over.</param>
    /// <param name="revision">The number of this set among the learner's own, from 1; 0 is for the defaults.</param>
    /// <exception cref="ArgumentException">There are not 17, 19 or 21 of them, or one is no finite number.</exception>
    public static FsrsWeights Create(ReadOnlySpan<double> values, int revision = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(revision);
        if (values.Length is not (Count or CountInFsrs5 or CountInFsrs4))
            throw new ArgumentException($"FSRS-6 has {Count} weights (FSRS-5 had {CountInFsrs5}, FSRS-4.5 {CountInFsrs4}), and these are {values.Length}.", nameof(values));
        var weights = new double[Count];
        values.CopyTo(weights);
        if (values.Length < Count)
            CarryOver(weights, values.Length);
        for (var i = 0; i < Count; i++)
        {
            if (!double.IsFinite(weights[i]))
                throw new ArgumentException($"Weight {i} is {weights[i]}, which is no finite number.", nameof(values));
            weights[i] = Math.Clamp(weights[i], Lower[i], Upper[i]);
        }

        return new FsrsWeights(weights, new ParameterSet(ParameterSet.Fsrs6, revision));
    }

    /// <summary>FSRS-4.5 and 5 had a fixed decay and no damping of same-day reviews; the difficulty of 4.5 was linear in the first rating.</summary>
    private static void CarryOver(double[] weights, int from)
    {
        if (from == CountInFsrs4)
        {
            weights[4] += weights[5] * 2;
            weights[5] = Math.Log(weights[5] * 3 + 1) / 3;
            weights[6] += 0.5;
        }

        weights[20] = DecayBeforeFsrs6;
    }
}
