namespace Mneme.Platform.Messaging;

/// <summary>A fact that a service publishes. Records of this kind are a published language: they only ever grow.</summary>
public interface IIntegrationEvent
{
    /// <summary>The user the fact is about, where there is one; else the aggregate. Brokers partition by it, and a tombstone for it silences late events.</summary>
    Guid PartitionKey { get; }
}

/// <summary>Names an integration event on the wire, independently of its CLR name.</summary>
/// <param name="name">Lower-case name such as <c>flashcard.reviewed</c>.</param>
/// <param name="version">Version of the shape, from 1; a new one is a new event beside the old.</param>
[AttributeUsage(AttributeTargets.Class)]
public sealed class EventAttribute(string name, int version) : Attribute
{
    public string Name { get; } = name;

    public int Version { get; } = version;

    /// <summary>The family of events that it travels with, such as <c>learning-events</c>.</summary>
    public required string Topic { get; init; }
}
