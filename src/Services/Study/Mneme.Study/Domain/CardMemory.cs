using Mneme.Scheduling;

namespace Mneme.Study.Domain;

/// <summary>How hard a card is for its owner, by its ease: at the initial 2.50 and down to 2.00 it is normal, above easy, below hard.</summary>
internal enum Difficulty
{
    Easy,
    Normal,
    Hard,
}

/// <summary>What is remembered of a card: the scheduler's state and the times that follow from it.</summary>
internal readonly record struct CardMemory(Sm2State State, DateTimeOffset DueAt, DateTimeOffset? LastReviewedAt)
{
    private const int HardBelow = 200;

    /// <summary>Hundredths as a number without trailing zeros, which a division in SQL would add.</summary>
    public static decimal EaseFactorOf(int easeHundredths) => easeHundredths / 100m;

    public static Difficulty DifficultyOf(int easeHundredths) => easeHundredths switch
    {
        > Sm2.InitialEaseHundredths => Difficulty.Easy,
        < HardBelow => Difficulty.Hard,
        _ => Difficulty.Normal,
    };

    /// <summary>
    /// The memory after a review. The card is due from the beginning of a study day, so that what was reviewed last evening is due this morning.
    /// </summary>
    public CardReview Review(int quality, DateTimeOffset now, StudyCalendar calendar)
    {
        var state = Sm2.Review(State, quality);
        var today = calendar.DayOf(now);
        int? elapsed = LastReviewedAt is { } last ? calendar.DaysBetween(last, now) : null;
        return new CardReview(this, new CardMemory(state, calendar.StartOf(today.AddDays(state.IntervalDays)), now), today, elapsed);
    }
}

/// <summary>A review as the log keeps it.</summary>
/// <param name="Before">The memory before it.</param>
/// <param name="After">The memory after it.</param>
/// <param name="StudyDay">The study day it was done on.</param>
/// <param name="ElapsedDays">Whole study days since the previous review; null at the first.</param>
internal readonly record struct CardReview(CardMemory Before, CardMemory After, DateOnly StudyDay, int? ElapsedDays);
