using Mneme.Platform.Messaging;
using RabbitMQ.Client;

namespace Mneme.Platform.RabbitMq;

/// <summary>
/// What is declared on the broker: a topic exchange for each family of events, a quorum queue for each consumer, bound by the names of the events it wants, and two queues for
/// operators. Declaring what is there already changes nothing, so every process declares what it has to do with.
/// </summary>
internal sealed class Topology(EventRoutes routes, MessagingOptions messaging, RabbitMqOptions options)
{
    /// <summary>Where the broker puts what it has delivered too often.</summary>
    public string Dead => $"{messaging.Prefix}.dead";

    /// <summary>Where listeners put what is no event.</summary>
    public string Unreadable => $"{messaging.Prefix}.unreadable";

    public string Exchange(string topic) => $"{messaging.Prefix}.{topic}";

    public string Queue(string consumer) => $"{messaging.Prefix}.{consumer}";

    public async Task DeclareAsync(IChannel channel, CancellationToken ct)
    {
        await DeclareQueueAsync(channel, Unreadable, new Dictionary<string, object?>(StringComparer.Ordinal), ct);
        await DeclareQueueAsync(channel, Dead, new Dictionary<string, object?>(StringComparer.Ordinal), ct);
        await channel.ExchangeDeclareAsync(Dead, ExchangeType.Fanout, durable: true, autoDelete: false, cancellationToken: ct);
        await channel.QueueBindAsync(Dead, Dead, "", cancellationToken: ct);
        foreach (var topic in routes.Topics)
            await channel.ExchangeDeclareAsync(Exchange(topic), ExchangeType.Topic, durable: true, autoDelete: false, cancellationToken: ct);
        foreach (var (consumer, types) in routes.Consumers)
        {
            await DeclareQueueAsync(
                channel, Queue(consumer),
                new Dictionary<string, object?>(StringComparer.Ordinal)
                {
                    ["x-delivery-limit"] = options.DeliveryLimit,
                    ["x-dead-letter-exchange"] = Dead,
                    // The broker forgets a message only when the queue of the dead has it.
                    ["x-dead-letter-strategy"] = "at-least-once",
                    ["x-overflow"] = "reject-publish",
                },
                ct);
            foreach (var type in types)
                await channel.QueueBindAsync(Queue(consumer), Exchange(type.Topic), type.Name, cancellationToken: ct);
        }
    }

    private static Task DeclareQueueAsync(IChannel channel, string name, Dictionary<string, object?> arguments, CancellationToken ct)
    {
        arguments["x-queue-type"] = "quorum";
        return channel.QueueDeclareAsync(name, durable: true, exclusive: false, autoDelete: false, arguments, cancellationToken: ct);
    }
}
