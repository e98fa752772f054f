using System.Collections.Concurrent;
using Mneme.Platform.Asking.Brokers;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Mneme.Platform.RabbitMq.Asking;

/// <summary>One connection over which this process asks, with the queue of its replies. Once lost it stays lost, and whoever waits is told.</summary>
internal sealed class AskConnection : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, TaskCompletionSource<ReadOnlyMemory<byte>>> _waiting = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly IConnection _connection;
    private readonly IChannel _channel;
    private volatile bool _isLost;

    private AskConnection(IConnection connection, IChannel channel, string replyTo) => (_connection, _channel, ReplyTo) = (connection, channel, replyTo);

    public string ReplyTo { get; }

    public bool IsOpen => !_isLost && _channel.IsOpen;

    public static async Task<AskConnection> OpenAsync(RabbitMqConnector connector, AskTopology topology, CancellationToken ct)
    {
        var connection = await connector.ConnectAsync("asker", topology.DeclareAsync, ct);
        try
        {
            var channel = await connection.CreateChannelAsync(cancellationToken: ct);
            var asking = new AskConnection(connection, channel, await topology.DeclareReplyQueueAsync(channel, ct));
            var receiver = new AsyncEventingBasicConsumer(channel);
            receiver.ReceivedAsync += asking.ReceiveAsync;
            receiver.UnregisteredAsync += (_, _) => asking.LoseAsync("RabbitMQ cancelled the consumer of replies");
            channel.BasicReturnAsync += asking.ReturnAsync;
            channel.ChannelShutdownAsync += (_, reason) => asking.LoseAsync(reason.ReplyText);
            await channel.BasicConsumeAsync(topology.ReplyQueue(asking.ReplyTo), autoAck: true, receiver, ct);
            return asking;
        }
        catch
        {
            await connection.AbortAsync(TimeSpan.FromSeconds(1));
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <exception cref="AskNotSentException">The connection was closed before, or nobody has a queue for this.</exception>
    /// <exception cref="AskLostException">The connection was lost.</exception>
    public async Task<ReadOnlyMemory<byte>> AskAsync(string exchange, AskRequestMessage request, CancellationToken ct)
    {
        var reply = new TaskCompletionSource<ReadOnlyMemory<byte>>(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting[request.Id] = reply;
        try
        {
            await SendAsync(exchange, request, ct);
            // What was lost before this was told nobody.
            if (!IsOpen)
                await LoseAsync("closed");
            return await reply.Task.WaitAsync(ct);
        }
        finally
        {
            _waiting.TryRemove(request.Id, out _);
        }
    }

    private async Task SendAsync(string exchange, AskRequestMessage request, CancellationToken ct)
    {
        var content = request.Compose(ReplyTo);
        var properties = new BasicProperties
        {
            DeliveryMode = DeliveryModes.Transient,
            CorrelationId = request.Id,
            ReplyTo = ReplyTo,
            Expiration = RabbitMqAskBroker.Expiration(request.TimeToLive),
        };
        await _turn.WaitAsync(ct);
        try
        {
            if (!IsOpen)
                throw new AskNotSentException("the connection to RabbitMQ is closed");
            await _channel.BasicPublishAsync(exchange, request.Service, mandatory: true, properties, content, ct);
        }
        catch (Exception e) when (e is not (OperationCanceledException or AskNotSentException))
        {
            throw new AskLostException($"RabbitMQ did not take the request: {e.Message}", e);
        }
        finally
        {
            _turn.Release();
        }
    }

    private Task ReceiveAsync(object sender, BasicDeliverEventArgs message)
    {
        // The body is valid only until this returns. A reply that nobody waits for any more is dropped.
        if (message.BasicProperties.CorrelationId is { } id && _waiting.TryGetValue(id, out var waiting))
            waiting.TrySetResult(message.Body.ToArray());
        return Task.CompletedTask;
    }

    private Task ReturnAsync(object sender, BasicReturnEventArgs message)
    {
        if (message.BasicProperties.CorrelationId is { } id && _waiting.TryGetValue(id, out var waiting))
            waiting.TrySetException(new AskNotSentException("nobody answers for it over RabbitMQ"));
        return Task.CompletedTask;
    }

    private Task LoseAsync(string? reason)
    {
        _isLost = true;
        foreach (var waiting in _waiting.Values)
            waiting.TrySetException(new AskLostException($"the connection to RabbitMQ was lost: {reason}"));
        return Task.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        // A frozen broker does not answer a close.
        await _connection.AbortAsync(TimeSpan.FromSeconds(1));
        await LoseAsync("closed");
        await _channel.DisposeAsync();
        await _connection.DisposeAsync();
    }
}
