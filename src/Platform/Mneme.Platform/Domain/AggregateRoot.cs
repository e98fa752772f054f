namespace Mneme.Platform.Domain;

/// <summary>
/// The unit of change: loaded whole, changed by methods named for intent, saved in one transaction.
/// <see cref="Version"/> starts at 1 and rises by one with every saved change; it is the concurrency token, the ETag and the version in events.
/// </summary>
public abstract class AggregateRoot
{
    private readonly List<IDomainEvent> _unsavedEvents = [];

    /// <summary>A UUIDv7, so that ids sort by time of creation.</summary>
    public Guid Id { get; protected init; }

    /// <summary>Counted by <see cref="Persistence.ServiceDb"/> when it saves a row; an aggregate that is stored as its events counts them itself.</summary>
    public long Version { get; protected internal set; } = 1;

    /// <summary>What happened to it since it was loaded, in order: for <see cref="DomainEvents"/> to dispatch, and for an event store to keep.</summary>
    // A method, because EF Core would take a property for a relation.
    public IReadOnlyList<IDomainEvent> UnsavedEvents() => _unsavedEvents;

    /// <summary>Forgets <see cref="UnsavedEvents"/>, once they are dispatched and kept.</summary>
    public void MarkSaved() => _unsavedEvents.Clear();

    protected void Raise(IDomainEvent domainEvent) => _unsavedEvents.Add(domainEvent);
}
