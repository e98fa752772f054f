using System.Text.Json;

namespace Mneme.Platform.Messaging;

/// <summary>An event on its way: what CloudEvents 1.0 calls context attributes, and the data as JSON text.</summary>
/// <param name="Id">UUIDv7; with the consumer's name the key of deduplication.</param>
/// <param name="Type">Wire name with version, such as <c>flashcard.reviewed.v1</c>.</param>
/// <param name="Topic">Family of events, the broker's topic or exchange.</param>
/// <param name="Source">Name of the publishing service.</param>
/// <param name="PartitionKey">The user, or the aggregate; CloudEvents' <c>subject</c>.</param>
/// <param name="Time">When it happened, UTC.</param>
/// <param name="TraceParent">W3C trace context of the request that caused it, if any.</param>
/// <param name="Data">The event as JSON.</param>
public sealed record EventEnvelope(
    Guid Id, string Type, string Topic, string Source, Guid PartitionKey, DateTimeOffset Time, string? TraceParent, string Data)
{
    public static EventEnvelope Of(IIntegrationEvent integrationEvent, string source, DateTimeOffset time, string? traceParent)
    {
        var type = EventType.Of(integrationEvent.GetType());
        var data = JsonSerializer.Serialize(integrationEvent, type.Clr, Json.Options);
        return new EventEnvelope(Guid.CreateVersion7(time), type.Name, type.Topic, source, integrationEvent.PartitionKey, time, traceParent, data);
    }
}
