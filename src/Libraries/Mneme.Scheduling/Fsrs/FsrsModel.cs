using System.Runtime.CompilerServices;

namespace Mneme.Scheduling.Fsrs;

/// <summary>
/// The model of memory of FSRS-6 (J. Ye, "A Stochastic Shortest Path Algorithm for Optimizing Spaced Repetition Scheduling", KDD 2022, as developed by open-spaced-repetition):
/// how stability and difficulty change with a review, and how memory fades between reviews. Pure, without allocation, safe for any number of threads.
/// </summary>
/// <remarks>
/// Where ports differ this one follows the definition: the first stability is the weight itself; the difficulty that a card reverts to is not clamped; a same-day review that was
/// remembered never lowers the stability. Some ports round every step to eight digits, this one does not.
/// </remarks>
public sealed class FsrsModel
{
    /// <summary>Stability is never less, in days.</summary>
    public const double MinStability = 0.001;

    /// <summary>Stability is never more, in days.</summary>
    public const double MaxStability = 36_500;

    /// <summary>Difficulty is never less.</summary>
    public const double MinDifficulty = 1;

    /// <summary>Difficulty is never more.</summary>
    public const double MaxDifficulty = 10;

    /// <summary>With short-term scheduling, same-day reviews help the less the more stable a card is: w19 is at least this.</summary>
    internal const double MinShortTermDamping = 0.01;

    private readonly double _decay;
    private readonly double _factor;
    private readonly double _recallFactor;
    private readonly double _w9;
    private readonly double _w10;
    private readonly double _w11;
    private readonly double _w12;
    private readonly double _w13;
    private readonly double _w14;
    private readonly double _hardPenalty;
    private readonly double _easyBonus;
    private readonly double _lapseShare;
    private readonly double _w19;
    private readonly double _difficultyStep;
    private readonly double _reversion;
    private readonly double _reversionTarget;
    private readonly Four _firstStability;
    private readonly Four _firstDifficulty;
    private readonly Four _sameDay;

    /// <param name="weights">The weights.</param>
    /// <param name="shortTerm">Whether reviews on the same day are modelled (w17 to w19); without, only reviews at least a day apart are told from each other.</param>
    public FsrsModel(FsrsWeights weights, bool shortTerm = true)
    {
        (Weights, ShortTerm) = (weights, shortTerm);
        var w = weights.Values;
        _decay = -w[20];
        _factor = Growth(0.9);
        _recallFactor = Math.Exp(w[8]);
        (_w9, _w10, _w11, _w12, _w13, _w14, _hardPenalty, _easyBonus) = (w[9], w[10], w[11], w[12], w[13], w[14], w[15], w[16]);
        _lapseShare = shortTerm ? Math.Exp(-w[17] * w[18]) : 1;
        _w19 = shortTerm ? Math.Max(w[19], MinShortTermDamping) : w[19];
        _difficultyStep = w[6] / 9;
        _reversion = w[7];
        _reversionTarget = w[7] * UnclampedFirstDifficulty(w, 4);
        for (var rating = 1; rating <= 4; rating++)
        {
            _firstStability[rating - 1] = w[rating - 1];
            _firstDifficulty[rating - 1] = ClampDifficulty(UnclampedFirstDifficulty(w, rating));
            _sameDay[rating - 1] = Math.Exp(w[17] * (rating - 3 + w[18]));
        }
    }

    /// <summary>The weights.</summary>
    public FsrsWeights Weights { get; }

    /// <summary>Whether reviews on the same day are modelled.</summary>
    public bool ShortTerm { get; }

    /// <summary>Probability, 0 to 1, that a card is remembered: R(t, S) = (1 + F·t/S)^−w20, with F so that R(S, S) = 0.9.</summary>
    /// <param name="elapsedDays">Days since the last review, at least 0; a part of a day counts.</param>
    /// <param name="stability">Stability in days.</param>
    public double Retrievability(double elapsedDays, double stability) => Math.Pow(1 + _factor * elapsedDays / stability, _decay);

    /// <summary>Days, not rounded, until the probability of remembering has fallen to the desired retention.</summary>
    /// <param name="stability">Stability in days.</param>
    /// <param name="retention">Desired retention, above 0 and at most 1.</param>
    public double Interval(double stability, double retention) => stability * IntervalPerStability(retention);

    /// <summary>The state after the first review.</summary>
    public MemoryState First(Rating rating)
    {
        var i = Index(rating);
        return new MemoryState(_firstStability[i], _firstDifficulty[i]);
    }

    /// <summary>The state after a review.</summary>
    /// <param name="memory">The state before it, as <see cref="First"/> or this made it.</param>
    /// <param name="elapsedDays">Whole days since the review before, at least 0; 0 is a review on the same day.</param>
    /// <param name="rating">How it went.</param>
    /// <exception cref="ArgumentOutOfRangeException">The rating is none, the days are negative, or the state is none that this model makes.</exception>
    public MemoryState Next(MemoryState memory, int elapsedDays, Rating rating)
    {
        var i = Index(rating);
        Verify(memory, elapsedDays);
        var (s, d) = memory;
        double stability;
        if (elapsedDays == 0 && ShortTerm)
        {
            stability = SameDay(s, i, Math.Pow(s, -_w19));
        }
        else
        {
            var r = Retrievability(elapsedDays, s);
            stability = rating == Rating.Again ? Forgotten(s, d, r) : Recalled(s, RecallGrowth(s, d, r), i);
        }

        return new MemoryState(stability, NextDifficulty(d, i));
    }

    /// <summary>The states after each of the four ratings, which share most of the arithmetic; as <see cref="Next"/> gives them one by one.</summary>
    internal void NextAll(MemoryState memory, int elapsedDays, out MemoryState again, out MemoryState hard, out MemoryState good, out MemoryState easy)
    {
        Verify(memory, elapsedDays);
        var (s, d) = memory;
        if (elapsedDays == 0 && ShortTerm)
        {
            var damping = Math.Pow(s, -_w19);
            again = new MemoryState(SameDay(s, 0, damping), NextDifficulty(d, 0));
            hard = new MemoryState(SameDay(s, 1, damping), NextDifficulty(d, 1));
            good = new MemoryState(SameDay(s, 2, damping), NextDifficulty(d, 2));
            easy = new MemoryState(SameDay(s, 3, damping), NextDifficulty(d, 3));
            return;
        }

        var r = Retrievability(elapsedDays, s);
        var growth = RecallGrowth(s, d, r);
        again = new MemoryState(Forgotten(s, d, r), NextDifficulty(d, 0));
        hard = new MemoryState(Recalled(s, growth, 1), NextDifficulty(d, 1));
        good = new MemoryState(Recalled(s, growth, 2), NextDifficulty(d, 2));
        easy = new MemoryState(Recalled(s, growth, 3), NextDifficulty(d, 3));
    }

    /// <summary>
    /// A state for a card whose history is not known, only what SM-2 made of it: one for which the interval brought it to the retention, and which a good review would have
    /// lengthened by the ease.
    /// </summary>
    /// <param name="ease">Ease factor, at least 1.3.</param>
    /// <param name="intervalDays">The interval in days, above 0.</param>
    /// <param name="retention">The share of such reviews that was remembered, above 0 and below 1.</param>
    public MemoryState FromSm2(double ease, double intervalDays, double retention = 0.9)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(ease, 1.3);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(intervalDays);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(retention);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(retention, 1);
        var stability = ClampStability(intervalDays / IntervalPerStability(retention));
        var difficulty = 11 - (ease - 1) / (_recallFactor * Math.Pow(stability, -_w9) * (Math.Exp(_w10 * (1 - retention)) - 1));
        return new MemoryState(stability, ClampDifficulty(difficulty));
    }

    /// <summary>
    /// (r^(1/decay) − 1)/F. Both are computed alike, so that at 0.9 it is exactly 1, and an interval falls on the same side of a half as the stability does.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The retention is not above 0 and at most 1.</exception>
    internal double IntervalPerStability(double retention)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(retention);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(retention, 1);
        return Growth(retention) / _factor;
    }

    internal static double UnclampedFirstDifficulty(ReadOnlySpan<double> w, int rating) => w[4] - Math.Exp(w[5] * (rating - 1)) + 1;

    private double Growth(double retention) => Math.Exp(Math.Log(retention) / _decay) - 1;

    internal double RecallGrowth(double s, double d, double r) => _recallFactor * (11 - d) * Math.Pow(s, -_w9) * (Math.Exp(_w10 * (1 - r)) - 1);

    internal double Recalled(double s, double growth, int rating) =>
        ClampStability(s * (1 + growth * (rating == 1 ? _hardPenalty : rating == 3 ? _easyBonus : 1)));

    internal double Forgotten(double s, double d, double r) =>
        ClampStability(Math.Min(_w11 * Math.Pow(d, -_w12) * (Math.Pow(s + 1, _w13) - 1) * Math.Exp(_w14 * (1 - r)), s * _lapseShare));

    private double SameDay(double s, int rating, double damping)
    {
        var increase = _sameDay[rating] * damping;
        return ClampStability(s * (rating > 0 ? Math.Max(increase, 1) : increase));
    }

    private double NextDifficulty(double d, int rating) => ClampDifficulty(_reversionTarget + (1 - _reversion) * (d - _difficultyStep * (rating - 2) * (10 - d)));

    private static double ClampStability(double s) => Math.Min(Math.Max(s, MinStability), MaxStability);

    private static double ClampDifficulty(double d) => Math.Min(Math.Max(d, MinDifficulty), MaxDifficulty);

    private static int Index(Rating rating)
    {
        var i = (int)rating - 1;
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)i, 3u, nameof(rating));
        return i;
    }

    private static void Verify(MemoryState memory, int elapsedDays)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(elapsedDays);
        // Written so that NaN is refused too.
        if (!(memory is { Stability: >= MinStability and <= MaxStability, Difficulty: >= MinDifficulty and <= MaxDifficulty }))
            throw new ArgumentOutOfRangeException(nameof(memory), memory, "No state of FSRS-6: the stability must be 0.001 to 36500 and the difficulty 1 to 10.");
    }

    [InlineArray(4)]
    private struct Four
    {
        private double _first;
    }
}
