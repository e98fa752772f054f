namespace Mneme.Scheduling.Fsrs;

/// <summary>How a learner wants to be scheduled. The defaults are those of every port.</summary>
public sealed record FsrsSettings
{
    /// <summary>Intervals are never longer than a hundred years.</summary>
    public const int LongestIntervalDays = 36_500;

    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    /// <summary>The probability of remembering at which a card is due, above 0 and at most 1.</summary>
    public double DesiredRetention { get; init; } = 0.9;

    /// <summary>No interval is longer, 1 to <see cref="LongestIntervalDays"/> days.</summary>
    public int MaximumIntervalDays { get; init; } = LongestIntervalDays;

    /// <summary>Whether there are learning steps and reviews on the same day; without, every review schedules whole days.</summary>
    public bool ShortTerm { get; init; } = true;

    /// <summary>The waits of a new card, ascending, each above 0 and below a day.</summary>
    public IReadOnlyList<TimeSpan> LearningSteps { get; init; } = [TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(10)];

    /// <summary>The waits of a forgotten card, ascending, each above 0 and below a day.</summary>
    public IReadOnlyList<TimeSpan> RelearningSteps { get; init; } = [TimeSpan.FromMinutes(10)];

    /// <exception cref="ArgumentException">A value is out of its range.</exception>
    internal void Verify()
    {
        if (!(DesiredRetention is > 0 and <= 1))
            throw new ArgumentException($"The desired retention is {DesiredRetention}; it must be above 0 and at most 1.", nameof(DesiredRetention));
        if (MaximumIntervalDays is < 1 or > LongestIntervalDays)
            throw new ArgumentException($"The maximum interval is {MaximumIntervalDays} days; it must be 1 to {LongestIntervalDays}.", nameof(MaximumIntervalDays));
        Verify(LearningSteps, nameof(LearningSteps));
        Verify(RelearningSteps, nameof(RelearningSteps));
    }

    private static void Verify(IReadOnlyList<TimeSpan> steps, string name)
    {
        var before = TimeSpan.Zero;
        foreach (var step in steps)
        {
            if (step <= before || step >= Day)
                throw new ArgumentException($"{name} must be ascending, each above 0 and below a day; {step} is not.", name);
            before = step;
        }
    }
}
