using System.Text;
using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using Mneme.Platform.Messaging;

namespace Mneme.Platform.Kafka;

/// <summary>Consumes a consumer's topics as a member of its group.</summary>
internal sealed class KafkaListener(
    EventConsumer consumer, KafkaConnector connector, KafkaTopics topics, KafkaProducer producer, KafkaOptions options, MessagingOptions messaging, TimeProvider time, ILogger<KafkaListener> logger)
    : EventListener(consumer, messaging, time, logger)
{
    private KafkaReceiver? _receiver;

    protected override async Task ListenAsync(CancellationToken ct)
    {
        await topics.DeclareAsync(ct);
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(ct);
        using var receiver = new KafkaReceiver(connector, topics.Group(Consumer), Consumer, options.Prefetch, Connected, Disconnected);
        _receiver = receiver;
        var polling = Task.Factory.StartNew(() => Poll(receiver, stopping), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        try
        {
            await receiver.HandleAsync(Options.BatchSize, batch => HandleAsync(batch, stopping.Token), stopping.Token);
        }
        finally
        {
            await stopping.CancelAsync();
            // Its failure, if any, is the cause of all others.
            await polling;
        }
    }

    private void Poll(KafkaReceiver receiver, CancellationTokenSource stopping)
    {
        try
        {
            receiver.Run(topics.Of(Consumer), stopping.Token);
        }
        finally
        {
            stopping.Cancel();
        }
    }

    protected override Task AcknowledgeAsync(IReadOnlyList<Delivery> deliveries, CancellationToken ct)
    {
        _receiver!.Done(deliveries.Cast<KafkaDelivery>());
        return Task.CompletedTask;
    }

    protected override Task SetAsideAsync(Delivery delivery, string reason, CancellationToken ct)
    {
        var origin = (KafkaDelivery)delivery;
        var message = new Message<string, string>
        {
            Key = origin.Key!,
            Value = delivery.Body,
            Headers = new Headers
            {
                { "x-consumer", Encoding.UTF8.GetBytes(Consumer) },
                { "x-reason", Encoding.UTF8.GetBytes(reason) },
                { "x-origin", Encoding.UTF8.GetBytes(origin.Place.ToString()) },
            },
        };
        return producer.SendAsync([(topics.Unreadable, message)], ct);
    }
}
