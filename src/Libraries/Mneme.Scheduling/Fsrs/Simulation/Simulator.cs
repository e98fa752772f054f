namespace Mneme.Scheduling.Fsrs.Simulation;

/// <summary>A card at the beginning of a simulation or a plan.</summary>
/// <param name="Memory">Its state.</param>
/// <param name="ElapsedDays">Days since its last review, at least 0.</param>
/// <param name="DueInDays">Days until it is due; below 0 it is overdue.</param>
public readonly record struct HeldCard(MemoryState Memory, int ElapsedDays, int DueInDays);

/// <summary>What is simulated.</summary>
public sealed record SimulationSettings
{
    /// <summary>Days ahead, 1 to 36,500.</summary>
    public int Days { get; init; } = 365;

    /// <summary>Cards not yet begun.</summary>
    public int NewCards { get; init; } = 1_000;

    /// <summary>At most so many of them are begun in a day.</summary>
    public int NewCardsPerDay { get; init; } = 20;

    /// <summary>At most so many reviews are done in a day; others wait, and what waits longest comes first.</summary>
    public int ReviewsPerDay { get; init; } = int.MaxValue;

    /// <summary>The probability of remembering at which a card is due, above 0 and below 1.</summary>
    public double DesiredRetention { get; init; } = 0.9;

    /// <summary>No interval is longer, in days.</summary>
    public int MaximumIntervalDays { get; init; } = FsrsSettings.LongestIntervalDays;

    /// <summary>How the learner answers.</summary>
    public StudyHabits Habits { get; init; } = new();

    /// <summary>The same seed gives the same days. What becomes of a card does not depend on how many others there are.</summary>
    public int Seed { get; init; } = 1;

    internal void Verify()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Days, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Days, FsrsSettings.LongestIntervalDays);
        ArgumentOutOfRangeException.ThrowIfNegative(NewCards);
        ArgumentOutOfRangeException.ThrowIfNegative(NewCardsPerDay);
        ArgumentOutOfRangeException.ThrowIfNegative(ReviewsPerDay);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(DesiredRetention);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(DesiredRetention, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaximumIntervalDays, 1);
        Habits.Verify();
    }
}

/// <summary>One simulated day.</summary>
/// <param name="NewCards">Cards begun.</param>
/// <param name="Reviews">Reviews done.</param>
/// <param name="Waiting">Cards due that the limit left for later.</param>
/// <param name="Minutes">Time that it took.</param>
/// <param name="Known">Cards that would be remembered at the end of the day, expected.</param>
public readonly record struct SimulatedDay(int NewCards, int Reviews, int Waiting, double Minutes, double Known);

/// <summary>What a desired retention costs.</summary>
/// <param name="Retention">The desired retention.</param>
/// <param name="Minutes">All the time of the simulated days.</param>
/// <param name="Known">Cards that are remembered at their end.</param>
public readonly record struct RetentionCost(double Retention, double Minutes, double Known)
{
    /// <summary>Minutes for each card that is remembered.</summary>
    public double MinutesPerKnownCard => Minutes / Known;
}

/// <summary>Plays days of learning ahead, with the learner's memory following the model. Pure, and deterministic by its seed.</summary>
public static class Simulator
{
    /// <param name="weights">The learner's weights.</param>
    /// <param name="held">Cards that are already learned.</param>
    /// <param name="settings">What is simulated.</param>
    /// <param name="ct">Ends the simulation early.</param>
    /// <returns>A day for each day ahead.</returns>
    /// <exception cref="ArgumentException">A setting is out of its range.</exception>
    public static SimulatedDay[] Run(FsrsWeights weights, IReadOnlyList<HeldCard> held, SimulationSettings settings, CancellationToken ct = default)
    {
        settings.Verify();
        var model = new FsrsModel(weights);
        var deck = new Deck(model, held, settings);
        var days = new SimulatedDay[settings.Days];
        for (var day = 0; day < days.Length; day++)
        {
            ct.ThrowIfCancellationRequested();
            days[day] = deck.Play(day);
        }

        return days;
    }

    /// <summary>The desired retention, of 0.70 to 0.97 by hundredths, that costs least time for each card remembered at the end; with what each costs.</summary>
    /// <param name="weights">The learner's weights.</param>
    /// <param name="held">Cards that are already learned.</param>
    /// <param name="settings">What is simulated; its desired retention is not looked at.</param>
    /// <param name="ct">Ends the search early.</param>
    public static (double Retention, IReadOnlyList<RetentionCost> Costs) CheapestRetention(
        FsrsWeights weights, IReadOnlyList<HeldCard> held, SimulationSettings settings, CancellationToken ct = default)
    {
        var costs = new RetentionCost[28];
        for (var i = 0; i < costs.Length; i++)
        {
            var retention = (70 + i) / 100.0;
            var days = Run(weights, held, settings with { DesiredRetention = retention }, ct);
            costs[i] = new RetentionCost(retention, days.Sum(day => day.Minutes), days[^1].Known);
        }

        return (costs.MinBy(cost => cost.MinutesPerKnownCard).Retention, costs);
    }

    private sealed class Deck
    {
        private readonly FsrsModel _model;
        private readonly SimulationSettings _settings;
        private readonly double _intervalPerStability;
        private readonly List<Card> _cards = [];
        private readonly List<int>?[] _due;
        private readonly Queue<int> _waiting = new();
        private int _begun;

        public Deck(FsrsModel model, IReadOnlyList<HeldCard> held, SimulationSettings settings)
        {
            (_model, _settings, _intervalPerStability) = (model, settings, model.IntervalPerStability(settings.DesiredRetention));
            _due = new List<int>?[settings.Days];
            foreach (var card in held)
            {
                ArgumentOutOfRangeException.ThrowIfNegative(card.ElapsedDays, nameof(held));
                _cards.Add(new Card(card.Memory, -card.ElapsedDays, 0));
            }

            // What is overdue waits already, longest first.
            foreach (var (i, card) in held.Index().OrderBy(pair => pair.Item.DueInDays))
                Due(i, Math.Max(card.DueInDays, 0));
        }

        public SimulatedDay Play(int day)
        {
            foreach (var card in _due[day] ?? [])
                _waiting.Enqueue(card);
            var (reviews, seconds) = (Math.Min(_waiting.Count, _settings.ReviewsPerDay), 0.0);
            for (var i = 0; i < reviews; i++)
                seconds += Review(_waiting.Dequeue(), day);
            var begun = Math.Min(_settings.NewCardsPerDay, _settings.NewCards - _begun);
            for (var i = 0; i < begun; i++)
                seconds += Begin(day);
            _begun += begun;
            return new SimulatedDay(begun, reviews, _waiting.Count, seconds / 60, _cards.Sum(card => _model.Retrievability(day - card.Reviewed, card.Memory.Stability)));
        }

        private double Begin(int day)
        {
            var rating = 1 + Pick(_settings.Habits.FirstRatings, Chance(_cards.Count, 0));
            _cards.Add(new Card(_model.First((Rating)rating), day, 1));
            Schedule(_cards.Count - 1, day);
            return _settings.Habits.FirstSeconds[rating - 1];
        }

        private double Review(int index, int day)
        {
            var (memory, reviewed, reviews) = _cards[index];
            var elapsed = day - reviewed;
            var chance = Chance(index, reviews);
            var r = _model.Retrievability(elapsed, memory.Stability);
            // The same number decides whether it is remembered and, of what is left of it, how well.
            var rating = chance >= r ? 1 : 2 + Pick(_settings.Habits.RememberedRatings, chance / r);
            _cards[index] = new Card(_model.Next(memory, elapsed, (Rating)rating), day, reviews + 1);
            Schedule(index, day);
            return _settings.Habits.ReviewSeconds[rating - 1];
        }

        private void Schedule(int index, int day) =>
            Due(index, day + Fuzz.Whole(Math.Clamp(_cards[index].Memory.Stability * _intervalPerStability, 1, _settings.MaximumIntervalDays)));

        private void Due(int index, int day)
        {
            if (day < _due.Length)
                (_due[day] ??= []).Add(index);
        }

        private double Chance(int card, int review) => Fuzz.Unit(((ulong)(uint)_settings.Seed << 48) ^ ((ulong)(uint)card << 16) ^ (uint)review);

        private static int Pick(IReadOnlyList<double> shares, double chance)
        {
            for (var i = 0; i < shares.Count - 1; i++)
            {
                if (chance < shares[i])
                    return i;
                chance -= shares[i];
            }

            return shares.Count - 1;
        }

        private readonly record struct Card(MemoryState Memory, int Reviewed, int Reviews);
    }
}
