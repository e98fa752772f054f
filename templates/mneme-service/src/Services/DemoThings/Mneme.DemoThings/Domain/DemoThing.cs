using Mneme.Platform.Domain;

namespace Mneme.DemoThings.Domain;

/// <summary>Something that a person has to do. Once it is completed it does not change any more.</summary>
internal sealed class DemoThing : AggregateRoot
{
    private DemoThing()
    {
    }

    public Guid UserId { get; private init; }

    public DemoThingTitle Title { get; private set; } = null!;

    public DemoThingDescription Description { get; private set; } = null!;

    public DateTimeOffset CreatedAt { get; private init; }

    /// <summary>Null until it is completed.</summary>
    public DateTimeOffset? CompletedAt { get; private set; }

    public bool IsCompleted => CompletedAt is not null;

    public static DemoThing Create(Guid userId, DemoThingTitle title, DemoThingDescription description, DateTimeOffset now) => new()
    {
        Id = Guid.CreateVersion7(now),
        UserId = userId,
        Title = title,
        Description = description,
        CreatedAt = now,
    };

    /// <exception cref="InvalidOperationException">It is completed.</exception>
    public void Change(DemoThingTitle title, DemoThingDescription description)
    {
        if (IsCompleted)
            throw new InvalidOperationException("What is completed does not change any more.");
        (Title, Description) = (title, description);
    }

    /// <summary>Completes it, once in its life: repeated, nothing happens.</summary>
    /// <param name="now">The present.</param>
    /// <param name="timeZone">Where the person is.</param>
    public void Complete(DateTimeOffset now, TimeZoneInfo timeZone)
    {
        if (IsCompleted)
            return;
        CompletedAt = now;
        Raise(new Completed(this, now, timeZone));
    }
}

/// <summary>It was completed.</summary>
/// <param name="DemoThing">As it is now.</param>
/// <param name="At">When.</param>
/// <param name="TimeZone">Where the person was.</param>
internal sealed record Completed(DemoThing DemoThing, DateTimeOffset At, TimeZoneInfo TimeZone) : IDomainEvent;
