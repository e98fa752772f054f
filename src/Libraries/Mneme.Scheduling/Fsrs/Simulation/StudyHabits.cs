namespace Mneme.Scheduling.Fsrs.Simulation;

/// <summary>How a learner answers and how long that takes. The defaults are the averages of Anki's users that fsrs-rs simulates with.</summary>
public sealed record StudyHabits
{
    /// <summary>How often a new card is answered Again, Hard, Good and Easy; the four sum to 1.</summary>
    public IReadOnlyList<double> FirstRatings { get; init; } = [0.24, 0.094, 0.495, 0.171];

    /// <summary>How often a remembered card is answered Hard, Good and Easy; the three sum to 1.</summary>
    public IReadOnlyList<double> RememberedRatings { get; init; } = [0.224, 0.631, 0.145];

    /// <summary>Seconds that a new card takes until it is learned, by its first rating, each above 0.</summary>
    public IReadOnlyList<double> FirstSeconds { get; init; } = [33.79, 24.3, 13.68, 6.5];

    /// <summary>Seconds that a review takes, by its rating, each above 0; what is forgotten takes its relearning with it.</summary>
    public IReadOnlyList<double> ReviewSeconds { get; init; } = [23.0, 11.68, 7.33, 5.6];

    /// <summary>Seconds that a review takes on average if the card is remembered with a probability.</summary>
    internal double ExpectedSeconds(double retrievability)
    {
        var remembered = 0.0;
        for (var i = 0; i < RememberedRatings.Count; i++)
            remembered += RememberedRatings[i] * ReviewSeconds[i + 1];
        return retrievability * remembered + (1 - retrievability) * ReviewSeconds[0];
    }

    /// <exception cref="ArgumentException">A value is out of its range.</exception>
    internal void Verify()
    {
        Verify(FirstRatings, 4, nameof(FirstRatings));
        Verify(RememberedRatings, 3, nameof(RememberedRatings));
        if (Math.Abs(FirstRatings.Sum() - 1) > 1e-6 || Math.Abs(RememberedRatings.Sum() - 1) > 1e-6)
            throw new ArgumentException("How often each rating is given must sum to 1.");
        Verify(FirstSeconds, 4, nameof(FirstSeconds));
        Verify(ReviewSeconds, 4, nameof(ReviewSeconds));
    }

    private static void Verify(IReadOnlyList<double> values, int count, string name)
    {
        if (values.Count != count || values.Any(value => !(value >= 0)))
            throw new ArgumentException($"{name} must be {count} numbers, none below 0.", name);
    }
}
