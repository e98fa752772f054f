using Mneme.Platform.Messaging;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Mneme.Platform.RabbitMq;

/// <summary>
/// Publishes over one channel with confirms: a batch is sent without waiting, then every confirmation is awaited. Events of one type travel as one message, for a message costs
/// client, broker and listener several times what an event in it does. One that some consumer wants is mandatory: it is confirmed only if it reached a queue.
/// </summary>
internal sealed class RabbitMqTransport(RabbitMqConnector connector, Topology topology, EventRoutes routes, RabbitMqOptions options) : IEventTransport, IAsyncDisposable
{
    // A message that comes again takes all its events with it, and several instances share messages, not events.
    private const int EventsPerMessage = 50;
    private const int CharactersPerMessage = 256 * 1024;

    private readonly SemaphoreSlim _turn = new(1, 1);
    private IConnection? _connection;
    private IChannel? _channel;

    public async Task PublishAsync(IReadOnlyList<EventEnvelope> envelopes, CancellationToken ct)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(options.ConfirmTimeout);
        IChannel? channel = null;
        try
        {
            var messages = envelopes.GroupBy(envelope => (envelope.Topic, envelope.Type))
                .SelectMany(events => events.InBatches(EventsPerMessage, CharactersPerMessage, envelope => envelope.Data.Length)).ToList();
            var confirmations = new List<Task>(messages.Count);
            // Only sending takes turns: several relays may wait for their confirmations at a time.
            await _turn.WaitAsync(limit.Token);
            try
            {
                channel = await ChannelAsync(limit.Token);
                foreach (var message in messages)
                    confirmations.Add(SendAsync(channel, message, limit.Token).AsTask());
            }
            finally
            {
                _turn.Release();
            }

            await Task.WhenAll(confirmations);
        }
        catch (OperationCanceledException e) when (!ct.IsCancellationRequested)
        {
            await AbandonAsync(channel);
            throw new TimeoutException($"RabbitMQ did not confirm {envelopes.Count} events within {options.ConfirmTimeout.TotalSeconds:0} s; they will be published again.", e);
        }
        catch
        {
            await AbandonAsync(channel);
            throw;
        }
    }

    private ValueTask SendAsync(IChannel channel, IReadOnlyList<EventEnvelope> events, CancellationToken ct)
    {
        var (topic, type) = (events[0].Topic, events[0].Type);
        var properties = new BasicProperties
        {
            DeliveryMode = DeliveryModes.Persistent,
            ContentType = CloudEvents.BatchMediaType,
            MessageId = events[0].Id.ToString(),
            Type = type,
        };
        return channel.BasicPublishAsync(topology.Exchange(topic), type, mandatory: routes.IsConsumed(type), properties, CloudEvents.WriteBatch(events), ct);
    }

    private async Task<IChannel> ChannelAsync(CancellationToken ct)
    {
        if (_channel is { IsOpen: true } open)
            return open;
        await CloseAsync();
        _connection = await connector.ConnectAsync("publisher", topology.DeclareAsync, ct);
        return _channel = await _connection.CreateChannelAsync(
            new CreateChannelOptions(
                publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true, outstandingPublisherConfirmationsRateLimiter: new ThrottlingRateLimiter(options.ConfirmWindow)),
            ct);
    }

    /// <summary>Gives up a channel that failed, unless somebody else has replaced it already.</summary>
    private async Task AbandonAsync(IChannel? channel)
    {
        await _turn.WaitAsync();
        try
        {
            if (channel is not null && channel == _channel)
                await CloseAsync();
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task CloseAsync()
    {
        var (connection, channel) = (_connection, _channel);
        (_connection, _channel) = (null, null);
        if (connection is null)
            return;
        // A frozen broker does not answer a close.
        await connection.AbortAsync(TimeSpan.FromSeconds(1));
        if (channel is not null)
            await channel.DisposeAsync();
        await connection.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        _turn.Dispose();
    }
}
