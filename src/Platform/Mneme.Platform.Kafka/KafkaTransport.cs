using System.Text;
using Confluent.Kafka;
using Mneme.Platform.Messaging;

namespace Mneme.Platform.Kafka;

/// <summary>Publishes events, each to the partition of its key: the person, or the aggregate.</summary>
internal sealed class KafkaTransport(KafkaProducer producer, KafkaTopics topics) : IEventTransport
{
    private static readonly byte[] ContentType = Encoding.ASCII.GetBytes(CloudEvents.MediaType + "; charset=UTF-8");

    public async Task PublishAsync(IReadOnlyList<EventEnvelope> envelopes, CancellationToken ct)
    {
        await topics.DeclareAsync(ct);
        await producer.SendAsync(envelopes.Select(envelope => (topics.Topic(envelope.Topic), Message(envelope))), ct);
    }

    private static Message<string, string> Message(EventEnvelope envelope) => new()
    {
        Key = envelope.PartitionKey.ToString(),
        Value = CloudEvents.Write(envelope),
        // CloudEvents' Kafka binding, structured mode.
        Headers = new Headers { { "content-type", ContentType } },
    };
}
