namespace Mneme.Progress.Domain;

/// <summary>What each act of learning is worth.</summary>
internal static class Points
{
    public const int FlashcardReviewed = 10;
    public const int TopicCompleted = 50;
}

/// <summary>One act of learning.</summary>
/// <param name="UserId">Who did it.</param>
/// <param name="Points">What it is worth.</param>
/// <param name="At">When.</param>
/// <param name="LocalDate">The date on the person's calendar, as the producer stamped it.</param>
/// <param name="TimeZone">The person's IANA time zone at that moment.</param>
internal readonly record struct LearningAction(Guid UserId, int Points, DateTimeOffset At, DateOnly LocalDate, string TimeZone);
