namespace Mneme.Platform.Domain;

/// <summary>
/// The unit of change: loaded whole, changed by methods named for intent, saved in one transaction.
/// <see cref="Version"/> starts at 1 and rises by one with every saved change; it is the concurrency token, the ETag and the version in events.
/// </summary>
public abstract class AggregateRoot
{
    /// <summary>A UUIDv7, so that ids sort by time of creation.</summary>
    public Guid Id { get; protected init; }

    public long Version { get; internal set; } = 1;
}
