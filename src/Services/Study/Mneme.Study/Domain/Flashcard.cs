using Mneme.Platform.Domain;
using Mneme.Scheduling;

namespace Mneme.Study.Domain;

/// <summary>Where a card came from.</summary>
internal enum CardOrigin
{
    Manual,
    Generated,
}

/// <summary>A flashcard. Its memory state changes by reviews alone, which are written by a statement of their own (see <c>ReviewStatements</c>).</summary>
internal sealed class Flashcard : AggregateRoot
{
    private Flashcard()
    {
    }

    private Flashcard(Guid id, Guid userId, Guid topicId, string front, string back, string? hint, string[] tags, DateTimeOffset now)
    {
        Id = id;
        UserId = userId;
        TopicId = topicId;
        Front = front;
        Back = back;
        Hint = Blank.ToNull(hint);
        Tags = tags;
        // A new card waits to be learnt at once.
        DueAt = CreatedAt = UpdatedAt = now;
        (Ease, IntervalDays, Repetitions) = Sm2State.New;
    }

    public Guid UserId { get; private init; }

    public Guid TopicId { get; private set; }

    public string Front { get; private set; } = "";

    public string Back { get; private set; } = "";

    public string? Hint { get; private set; }

    public string[] Tags { get; private set; } = [];

    public CardOrigin Origin { get; private init; }

    /// <summary>For a generated card, the sentence it was made of.</summary>
    public string? Source { get; private init; }

    /// <summary>For a generated card, the provider that made it.</summary>
    public string? GeneratedBy { get; private init; }

    public Guid? CaptureId { get; private init; }

    public DateTimeOffset DueAt { get; private init; }

    public DateTimeOffset? LastReviewedAt { get; private init; }

    /// <summary>Ease factor in hundredths.</summary>
    public int Ease { get; private init; }

    public int IntervalDays { get; private init; }

    public int Repetitions { get; private init; }

    public DateTimeOffset CreatedAt { get; private init; }

    /// <summary>When the texts were last changed; reviews do not count.</summary>
    public DateTimeOffset UpdatedAt { get; private set; }

    public static Flashcard Write(Guid id, Guid userId, Guid topicId, string front, string back, string? hint, string[] tags, DateTimeOffset now) =>
        new(id, userId, topicId, front, back, hint, tags, now) { Origin = CardOrigin.Manual };

    public static Flashcard Generate(
        Guid id, Topic topic, string front, string back, string? source, string provider, DateTimeOffset now) =>
        new(id, topic.UserId, topic.Id, front, back, hint: null, topic.Tags, now)
        {
            Origin = CardOrigin.Generated,
            Source = Blank.ToNull(source),
            GeneratedBy = provider,
            CaptureId = topic.CaptureId,
        };

    public void Change(string front, string back, Guid topicId, string? hint, string[] tags, DateTimeOffset now)
    {
        Front = front;
        Back = back;
        TopicId = topicId;
        Hint = Blank.ToNull(hint);
        Tags = tags;
        UpdatedAt = now;
    }
}
