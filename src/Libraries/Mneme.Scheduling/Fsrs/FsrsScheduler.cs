namespace Mneme.Scheduling.Fsrs;

/// <summary>
/// When a card is to be seen again, by <see cref="FsrsModel"/> and the learner's settings: learning and relearning steps, then days that keep the probability of remembering at
/// the desired retention. Pure and without allocation: elapsed time and the seed for fuzz are given. Safe for any number of threads.
/// </summary>
public sealed class FsrsScheduler
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    private readonly FsrsModel _model;
    private readonly ParameterSet _set;
    private readonly TimeSpan[] _learning;
    private readonly TimeSpan[] _relearning;
    private readonly double _intervalPerStability;
    private readonly int _maximum;

    /// <param name="weights">The weights of the model.</param>
    /// <param name="settings">The learner's settings.</param>
    /// <exception cref="ArgumentException">A setting is out of its range.</exception>
    public FsrsScheduler(FsrsWeights weights, FsrsSettings settings)
    {
        settings.Verify();
        _model = new FsrsModel(weights, settings.ShortTerm);
        _set = weights.Set;
        (_learning, _relearning) = ([.. settings.LearningSteps], [.. settings.RelearningSteps]);
        _intervalPerStability = _model.IntervalPerStability(settings.DesiredRetention);
        _maximum = settings.MaximumIntervalDays;
    }

    /// <summary>The model that it schedules by.</summary>
    public FsrsModel Model => _model;

    /// <summary>What each of the four ratings would lead to.</summary>
    /// <param name="card">The card.</param>
    /// <param name="elapsedDays">Whole days since its last review, at least 0; not looked at for a new card.</param>
    /// <param name="fuzzSeed">Which day of the range of fuzz is chosen; without, there is no fuzz. Take it from the card and the number of its reviews.</param>
    /// <exception cref="ArgumentException">The card's memory is of another version of the model.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The days are negative, or the card is none that this scheduler makes.</exception>
    public Offers Offer(in FsrsCard card, int elapsedDays, ulong? fuzzSeed = null)
    {
        MemoryState again, hard, good, easy;
        if (card.State == CardState.New)
        {
            (again, hard, good, easy) = (_model.First(Rating.Again), _model.First(Rating.Hard), _model.First(Rating.Good), _model.First(Rating.Easy));
        }
        else
        {
            if (card.Set.Algorithm != ParameterSet.Fsrs6)
                throw new ArgumentException($"The card's memory is of version {card.Set.Algorithm} of FSRS and not of {ParameterSet.Fsrs6}: compute it anew from its reviews.", nameof(card));
            ArgumentOutOfRangeException.ThrowIfNegative(card.Step, nameof(card));
            _model.NextAll(card.Memory, elapsedDays, out again, out hard, out good, out easy);
        }

        var fuzz = fuzzSeed is { } seed ? Fuzz.Unit(seed) : -1;
        if (!_model.ShortTerm)
            return InDays(again, hard, good, easy, fuzz);
        return card.State switch
        {
            CardState.New or CardState.Learning => InSteps(CardState.Learning, _learning, card.Step, again, hard, good, easy, fuzz),
            CardState.Relearning => InSteps(CardState.Relearning, _relearning, card.Step, again, hard, good, easy, fuzz),
            CardState.Review => InReview(again, hard, good, easy, fuzz),
            _ => throw new ArgumentOutOfRangeException(nameof(card), card.State, "There is no such state of a card."),
        };
    }

    /// <summary>What one rating leads to; as <see cref="Offer"/>.</summary>
    public Offer Review(in FsrsCard card, Rating rating, int elapsedDays, ulong? fuzzSeed = null) => Offer(card, elapsedDays, fuzzSeed)[rating];

    private Offers InSteps(CardState state, TimeSpan[] steps, int step, MemoryState again, MemoryState hard, MemoryState good, MemoryState easy, double fuzz)
    {
        var first = steps.Length > 0 ? Step(again, state, 0, steps[0]) : Graduate(again, fuzz);
        // Of a step that the settings no longer have, every answer but Again leads on.
        var second = step >= steps.Length ? Graduate(hard, fuzz) : Step(hard, state, step, HardWait(steps, step));
        var third = step + 1 >= steps.Length ? Graduate(good, fuzz) : Step(good, state, step + 1, steps[step + 1]);
        var fourth = Graduate(easy, fuzz);
        // Weights may have first stabilities in any order.
        second = second with { Wait = Longer(second.Wait, first.Wait) };
        third = third with { Wait = Longer(third.Wait, second.Wait) };
        fourth = fourth with { Wait = Longer(fourth.Wait, third.Wait) };
        return new Offers(first, second, third, fourth);
    }

    private Offers InReview(MemoryState again, MemoryState hard, MemoryState good, MemoryState easy, double fuzz)
    {
        var third = Days(good, fuzz);
        var second = Math.Min(Days(hard, fuzz), third);
        third = AtLeast(third, second + 1);
        var fourth = AtLeast(Days(easy, fuzz), third + 1);
        var first = _relearning.Length > 0 ? Step(again, CardState.Relearning, 0, _relearning[0]) : InDays(again, Math.Min(Days(again, fuzz), second));
        return new Offers(first, InDays(hard, second), InDays(good, third), InDays(easy, fourth));
    }

    private Offers InDays(MemoryState again, MemoryState hard, MemoryState good, MemoryState easy, double fuzz)
    {
        var second = Days(hard, fuzz);
        var first = Math.Min(Days(again, fuzz), second);
        second = AtLeast(second, first + 1);
        var third = AtLeast(Days(good, fuzz), second + 1);
        var fourth = AtLeast(Days(easy, fuzz), third + 1);
        return new Offers(InDays(again, first), InDays(hard, second), InDays(good, third), InDays(easy, fourth));
    }

    /// <summary>Only at the longest interval do ratings lead to the same one.</summary>
    private int AtLeast(int days, int least) => Math.Min(Math.Max(days, least), _maximum);

    private int Days(MemoryState memory, double fuzz)
    {
        // Limited before it is an integer: with a retention near 0 it fits none.
        var days = Fuzz.Whole(Math.Clamp(memory.Stability * _intervalPerStability, 1, _maximum));
        return fuzz < 0 ? days : Fuzz.Apply(days, fuzz, _maximum);
    }

    private Offer Graduate(MemoryState memory, double fuzz) => InDays(memory, Days(memory, fuzz));

    private Offer InDays(MemoryState memory, int days) => new(new FsrsCard(memory, CardState.Review, 0, _set), new TimeSpan(days * TimeSpan.TicksPerDay));

    private Offer Step(MemoryState memory, CardState state, int step, TimeSpan wait) => new(new FsrsCard(memory, state, step, _set), wait);

    /// <summary>Half as long again as the only step, half way from the first step to the second, the same again in later ones; at most the day that Good waits at least.</summary>
    private static TimeSpan HardWait(TimeSpan[] steps, int step) => step switch
    {
        0 when steps.Length == 1 => Shorter(steps[0] * 1.5, Day),
        0 => (steps[0] + steps[1]) / 2,
        _ => steps[step],
    };

    private static TimeSpan Longer(TimeSpan a, TimeSpan b) => a > b ? a : b;

    private static TimeSpan Shorter(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
