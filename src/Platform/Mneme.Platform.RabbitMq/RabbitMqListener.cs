using System.Globalization;
using System.Text;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Mneme.Platform.Messaging;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Mneme.Platform.RabbitMq;

/// <summary>Consumes a consumer's queue over a connection of its own, so that a broker that slows publishers down does not slow it.</summary>
internal sealed class RabbitMqListener(
    EventConsumer consumer, RabbitMqConnector connector, Topology topology, RabbitMqOptions options, MessagingOptions messaging, TimeProvider time, ILogger<RabbitMqListener> logger)
    : EventListener(consumer, messaging, time, logger)
{
    private static readonly TimeSpan BeatInterval = TimeSpan.FromSeconds(5);

    private IChannel? _channel;

    private sealed class RabbitMqDelivery(string body, int previousDeliveries, ulong tag) : Delivery(body, previousDeliveries)
    {
        public ulong Tag { get; } = tag;
    }

    protected override async Task ListenAsync(CancellationToken ct)
    {
        await using var connection = await connector.ConnectAsync($"listener of {Consumer}", topology.DeclareAsync, ct);
        try
        {
            await using var channel = await connection.CreateChannelAsync(
                new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true), ct);
            _channel = channel;
            await ReceiveAsync(channel, ct);
        }
        finally
        {
            // A frozen broker does not answer a close.
            await connection.AbortAsync(TimeSpan.FromSeconds(1));
        }
    }

    private async Task ReceiveAsync(IChannel channel, CancellationToken ct)
    {
        var arrived = Channel.CreateUnbounded<RabbitMqDelivery>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });
        channel.ChannelShutdownAsync += (_, reason) =>
        {
            arrived.Writer.TryComplete(new IOException($"RabbitMQ closed the channel: {reason.ReplyText}"));
            return Task.CompletedTask;
        };
        var receiver = new AsyncEventingBasicConsumer(channel);
        receiver.ReceivedAsync += (_, message) =>
        {
            // The body is valid only until this returns.
            arrived.Writer.TryWrite(new RabbitMqDelivery(Encoding.UTF8.GetString(message.Body.Span), PreviousDeliveries(message), message.DeliveryTag));
            return Task.CompletedTask;
        };
        receiver.UnregisteredAsync += (_, _) =>
        {
            arrived.Writer.TryComplete(new IOException("RabbitMQ cancelled the consumer: its queue was deleted or moved."));
            return Task.CompletedTask;
        };
        await channel.BasicQosAsync(0, (ushort)Math.Min(options.Prefetch, ushort.MaxValue), global: false, ct);
        await channel.BasicConsumeAsync(topology.Queue(Consumer), autoAck: false, receiver, ct);
        Connected();
        // The client ends the channel when the broker's heartbeats fail to come: while it is open, it lives.
        await using var beat = new Timer(_ => BeatIfOpen(channel), null, BeatInterval, BeatInterval);
        await HandleArrivingAsync(arrived.Reader, ct);
    }

    private void BeatIfOpen(IChannel channel)
    {
        if (channel.IsOpen)
            Connected();
    }

    protected override Task AcknowledgeAsync(IReadOnlyList<Delivery> deliveries, CancellationToken ct) =>
        // Of several, everything up to the last: batches follow each other, and what came again is acknowledged before the rest of its batch.
        _channel!.BasicAckAsync(((RabbitMqDelivery)deliveries[^1]).Tag, multiple: deliveries.Count > 1, ct).AsTask();

    protected override async Task SetAsideAsync(Delivery delivery, string reason, CancellationToken ct)
    {
        var properties = new BasicProperties
        {
            DeliveryMode = DeliveryModes.Persistent,
            Headers = new Dictionary<string, object?>(StringComparer.Ordinal) { ["x-consumer"] = Consumer, ["x-reason"] = reason },
        };
        await _channel!.BasicPublishAsync("", topology.Unreadable, mandatory: true, properties, Encoding.UTF8.GetBytes(delivery.Body), ct);
    }

    /// <summary>Quorum queues count deliveries in a header; any queue marks that there was one.</summary>
    private static int PreviousDeliveries(BasicDeliverEventArgs message) =>
        message.BasicProperties.Headers?.TryGetValue("x-delivery-count", out var count) == true
            ? Convert.ToInt32(count, CultureInfo.InvariantCulture)
            : message.Redelivered ? 1 : 0;
}
