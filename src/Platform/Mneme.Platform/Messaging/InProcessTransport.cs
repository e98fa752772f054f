namespace Mneme.Platform.Messaging;

/// <summary>
/// Delivers to the consumers in this process. An event is safe once every subscriber has committed its effects (or stored the failed
/// delivery for retry), so the outbox row outlives any crash in between.
/// </summary>
internal sealed class InProcessTransport(IEnumerable<EventConsumer> consumers) : IEventTransport
{
    private readonly EventConsumer[] _consumers = [.. consumers];

    public async Task PublishAsync(IReadOnlyList<EventEnvelope> envelopes, CancellationToken ct)
    {
        var deliveries = new List<Task>(_consumers.Length);
        foreach (var consumer in _consumers)
        {
            var wanted = envelopes.Where(envelope => consumer.Wants(envelope.Type)).ToList();
            if (wanted.Count > 0)
                deliveries.Add(consumer.ConsumeAsync(wanted, ct));
        }

        await Task.WhenAll(deliveries);
    }
}
