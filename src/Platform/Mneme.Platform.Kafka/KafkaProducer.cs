using Confluent.Kafka;

namespace Mneme.Platform.Kafka;

/// <summary>The one producer of this process. It keeps what it sent in order and unrepeated across reconnections; one that gave that up is replaced.</summary>
internal sealed class KafkaProducer(KafkaConnector connector, KafkaOptions options) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly List<IProducer<string, string>> _retired = [];
    private IProducer<string, string>? _producer;

    /// <summary>Its connection, for administration.</summary>
    public Handle Handle => Current().Handle;

    /// <summary>Returns when every message is with all replicas that are in sync.</summary>
    /// <exception cref="IOException">At least one is not, or nobody knows.</exception>
    public async Task SendAsync(IEnumerable<(string Topic, Message<string, string> Message)> messages, CancellationToken ct)
    {
        var producer = Current();
        try
        {
            // Each is confirmed, or given up, within the client's own time limit; the other one is for a client that hangs.
            await Task.WhenAll(messages.Select(message => producer.ProduceAsync(message.Topic, message.Message, ct)).ToList()).WaitAsync(options.ConfirmTimeout * 2, ct);
        }
        catch (KafkaException e)
        {
            if (e.Error.IsFatal)
                Retire(producer);
            throw new IOException($"Kafka did not confirm every event: {e.Error.Reason}. They will be published again.", e);
        }
    }

    private IProducer<string, string> Current()
    {
        lock (_lock)
            return _producer ??= connector.CreateProducer();
    }

    private void Retire(IProducer<string, string> producer)
    {
        lock (_lock)
        {
            if (producer != _producer)
                return;
            // Others may still wait for what they sent with it.
            _retired.Add(producer);
            _producer = null;
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            foreach (var producer in _retired)
                producer.Dispose();
            _producer?.Dispose();
            _producer = null;
        }
    }
}
