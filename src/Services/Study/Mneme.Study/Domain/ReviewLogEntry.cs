namespace Mneme.Study.Domain;

/// <summary>What an entry of the review log tells of.</summary>
internal enum ReviewLogKind
{
    Review,
}

/// <summary>An entry of the review log: one change of a card's memory state. Written by <c>ReviewStatements</c>, never changed.</summary>
internal sealed class ReviewLogEntry
{
    public Guid Id { get; private init; }

    public Guid UserId { get; private init; }

    public Guid FlashcardId { get; private init; }

    /// <summary>The version of the card that the entry made: the order of a card's entries.</summary>
    public long CardVersion { get; private init; }

    public DateTimeOffset OccurredAt { get; private init; }

    public DateTimeOffset DueBefore { get; private init; }

    public DateTimeOffset? LastReviewedBefore { get; private init; }

    public DateTimeOffset DueAfter { get; private init; }

    public int? ElapsedDays { get; private init; }

    public int? DurationMs { get; private init; }

    public DateOnly StudyDay { get; private init; }

    public int EaseBefore { get; private init; }

    public int IntervalBefore { get; private init; }

    public int RepetitionsBefore { get; private init; }

    public int EaseAfter { get; private init; }

    public int IntervalAfter { get; private init; }

    public int RepetitionsAfter { get; private init; }

    public short? Quality { get; private init; }

    public ReviewLogKind Kind { get; private init; }

    /// <summary>JSON: what a kind keeps besides the columns.</summary>
    public string? Payload { get; private init; }
}
