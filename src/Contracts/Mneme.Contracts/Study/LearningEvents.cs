using Mneme.Platform.Messaging;

namespace Mneme.Contracts.Study;

/// <summary>A capture became a topic with flashcards.</summary>
/// <param name="UserId">Whose it is.</param>
/// <param name="CaptureId">The capture.</param>
/// <param name="Attempt">The attempt of <c>content.captured</c> that this answers.</param>
/// <param name="TopicId">The topic.</param>
/// <param name="Title">The topic's title.</param>
/// <param name="FlashcardCount">How many cards were made.</param>
/// <param name="Provider">Which provider made them: anthropic, openai or offline.</param>
/// <param name="Version">Version of the topic.</param>
[Event("content.processed", 1, Topic = "learning-events")]
public sealed record ContentProcessed(Guid UserId, Guid CaptureId, int Attempt, Guid TopicId, string Title, int FlashcardCount, string Provider, long Version) : IIntegrationEvent
{
    Guid IIntegrationEvent.PartitionKey => UserId;
}

/// <summary>A capture could not be made into flashcards.</summary>
/// <param name="UserId">Whose it is.</param>
/// <param name="CaptureId">The capture.</param>
/// <param name="Attempt">The attempt of <c>content.captured</c> that this answers.</param>
/// <param name="Reason">For the person: what went wrong and what they can do.</param>
/// <param name="Version">Always 1: nothing was made.</param>
[Event("content.failed", 1, Topic = "learning-events")]
public sealed record ContentFailed(Guid UserId, Guid CaptureId, int Attempt, string Reason, long Version) : IIntegrationEvent
{
    Guid IIntegrationEvent.PartitionKey => UserId;
}

/// <summary>A flashcard was reviewed.</summary>
/// <param name="UserId">Who reviewed it.</param>
/// <param name="FlashcardId">The card.</param>
/// <param name="TopicId">Its topic.</param>
/// <param name="ReviewId">The entry in the review log.</param>
/// <param name="Quality">0 to 5.</param>
/// <param name="ReviewedAt">When, UTC.</param>
/// <param name="LocalDate">The date on the person's calendar.</param>
/// <param name="TimeZone">The person's IANA time zone.</param>
/// <param name="Version">Version of the card after the review.</param>
[Event("flashcard.reviewed", 1, Topic = "learning-events")]
public sealed record FlashcardReviewed(
    Guid UserId, Guid FlashcardId, Guid TopicId, Guid ReviewId, int Quality, DateTimeOffset ReviewedAt, DateOnly LocalDate, string TimeZone, long Version) : IIntegrationEvent
{
    Guid IIntegrationEvent.PartitionKey => UserId;
}

/// <summary>A flashcard was deleted.</summary>
[Event("flashcard.deleted", 1, Topic = "learning-events")]
public sealed record FlashcardDeleted(Guid UserId, Guid FlashcardId, long Version) : IIntegrationEvent
{
    Guid IIntegrationEvent.PartitionKey => UserId;
}

/// <summary>A topic was completed; published once in a topic's life.</summary>
/// <param name="UserId">Who completed it.</param>
/// <param name="TopicId">The topic.</param>
/// <param name="Name">Its name.</param>
/// <param name="CompletedAt">When, UTC.</param>
/// <param name="LocalDate">The date on the person's calendar.</param>
/// <param name="TimeZone">The person's IANA time zone.</param>
/// <param name="Version">Version of the topic.</param>
[Event("topic.completed", 1, Topic = "learning-events")]
public sealed record TopicCompleted(Guid UserId, Guid TopicId, string Name, DateTimeOffset CompletedAt, DateOnly LocalDate, string TimeZone, long Version) : IIntegrationEvent
{
    Guid IIntegrationEvent.PartitionKey => UserId;
}

/// <summary>A topic was deleted with its flashcards, for each of which there is a <see cref="FlashcardDeleted"/> too.</summary>
[Event("topic.deleted", 1, Topic = "learning-events")]
public sealed record TopicDeleted(Guid UserId, Guid TopicId, long Version) : IIntegrationEvent
{
    Guid IIntegrationEvent.PartitionKey => UserId;
}

/// <summary>Somebody has flashcards to review today; at most once for each local date.</summary>
/// <param name="UserId">Whose.</param>
/// <param name="DueCount">How many are due.</param>
/// <param name="LocalDate">The date on the person's calendar.</param>
/// <param name="TimeZone">The person's IANA time zone.</param>
/// <param name="Version">The local date as days since 0001-01-01, so that a later reminder has a higher one.</param>
[Event("flashcard.due", 1, Topic = "reminder-events")]
public sealed record FlashcardDue(Guid UserId, int DueCount, DateOnly LocalDate, string TimeZone, long Version) : IIntegrationEvent
{
    Guid IIntegrationEvent.PartitionKey => UserId;
}
