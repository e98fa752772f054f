using Mneme.Platform.Domain;

namespace Mneme.Study.Domain;

/// <summary>What flashcards are about. It can be completed once in its life.</summary>
internal sealed class Topic : AggregateRoot
{
    private Topic()
    {
    }

    public Topic(Guid id, Guid userId, string name, string? description, string[] tags, DateTimeOffset now, Guid? captureId = null)
    {
        Id = id;
        UserId = userId;
        Name = name.Trim();
        Description = Blank.ToNull(description);
        Tags = tags;
        CaptureId = captureId;
        CreatedAt = UpdatedAt = now;
    }

    public Guid UserId { get; private init; }

    public string Name { get; private set; } = "";

    public string? Description { get; private set; }

    public string[] Tags { get; private set; } = [];

    /// <summary>The capture that it was made of, as long as that exists.</summary>
    public Guid? CaptureId { get; private init; }

    public DateTimeOffset? CompletedAt { get; private set; }

    public DateTimeOffset CreatedAt { get; private init; }

    public DateTimeOffset UpdatedAt { get; private set; }

    /// <summary>Changes what is given; an empty description removes it.</summary>
    public void Change(string? name, string? description, string[]? tags, DateTimeOffset now)
    {
        Name = name?.Trim() ?? Name;
        Description = description is null ? Description : Blank.ToNull(description);
        Tags = tags ?? Tags;
        UpdatedAt = now;
    }

    /// <returns>Whether it was completed now; false if it had been before.</returns>
    public bool Complete(DateTimeOffset now)
    {
        if (CompletedAt is not null)
            return false;
        CompletedAt = now;
        return true;
    }
}
