namespace Mneme.Platform.Messaging;

/// <summary>A row of the outbox: an event that is committed and not yet confirmed by the transport.</summary>
public sealed class OutboxMessage
{
    private OutboxMessage()
    {
    }

    internal OutboxMessage(EventEnvelope envelope)
    {
        Id = envelope.Id;
        Type = envelope.Type;
        Topic = envelope.Topic;
        PartitionKey = envelope.PartitionKey;
        OccurredAt = envelope.Time;
        TraceParent = envelope.TraceParent;
        Data = envelope.Data;
    }

    /// <summary>Order of insertion; not of commit, and therefore no promise of order.</summary>
    public long Seq { get; private init; }

    public Guid Id { get; private init; }

    public string Type { get; private init; } = "";

    public string Topic { get; private init; } = "";

    public Guid PartitionKey { get; private init; }

    public DateTimeOffset OccurredAt { get; private init; }

    public string? TraceParent { get; private init; }

    public string Data { get; private init; } = "";
}
