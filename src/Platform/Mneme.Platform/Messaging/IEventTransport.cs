namespace Mneme.Platform.Messaging;

/// <summary>
/// Carries events from the relays of publishers to the <see cref="EventConsumer"/>s of subscribers. Delivery is at least once and unordered;
/// consumers deduplicate. Adapters: in process, and one for each broker.
/// </summary>
public interface IEventTransport
{
    /// <summary>Publishes a batch; returns only after every event is safe with the transport.</summary>
    /// <exception cref="Exception">At least one event is not safe; the whole batch will be offered again.</exception>
    Task PublishAsync(IReadOnlyList<EventEnvelope> envelopes, CancellationToken ct);
}
