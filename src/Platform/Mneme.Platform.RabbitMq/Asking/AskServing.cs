using Mneme.Platform.Asking.Brokers;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;

namespace Mneme.Platform.RabbitMq.Asking;

/// <summary>One service over one channel. As many are in hand as the prefetch lets through, so none waits here that another instance could have answered.</summary>
internal sealed class AskServing(IChannel channel, AskTopology topology, int concurrency, Func<AskDelivery, Task<AskReplyMessage?>> answer) : IDisposable
{
    private readonly SemaphoreSlim _slots = new(concurrency, concurrency);
    private readonly SemaphoreSlim _turn = new(1, 1);

    public async Task RunAsync(string service, Action taking, CancellationToken stop)
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        channel.ChannelShutdownAsync += (_, reason) =>
        {
            ended.TrySetException(new IOException($"RabbitMQ closed the channel: {reason.ReplyText}"));
            return Task.CompletedTask;
        };
        var receiver = new AsyncEventingBasicConsumer(channel);
        receiver.ReceivedAsync += ReceiveAsync;
        // After the last delivery, whether we cancelled it or the broker.
        receiver.UnregisteredAsync += (_, _) =>
        {
            ended.TrySetResult();
            return Task.CompletedTask;
        };
        await channel.BasicQosAsync(0, (ushort)Math.Min(concurrency, ushort.MaxValue), global: false, stop);
        var tag = await channel.BasicConsumeAsync(topology.Queue(service), autoAck: false, receiver, stop);
        taking();
        await Task.WhenAny(ended.Task, Task.Delay(Timeout.Infinite, stop));
        if (!stop.IsCancellationRequested)
        {
            await ended.Task;
            throw new IOException("RabbitMQ cancelled the consumer: its queue was deleted or moved.");
        }

        await channel.BasicCancelAsync(tag, noWait: false, CancellationToken.None);
        await ended.Task;
    }

    /// <summary>Returns when everything that was taken is answered, or its deadline has passed.</summary>
    public async Task FinishAsync()
    {
        for (var i = 0; i < concurrency; i++)
            await _slots.WaitAsync(CancellationToken.None);
        Dispose();
    }

    public void Dispose()
    {
        _slots.Dispose();
        _turn.Dispose();
    }

    private async Task ReceiveAsync(object sender, BasicDeliverEventArgs message)
    {
        // The body is valid only until this returns.
        var (content, tag, isRepeated) = (message.Body.ToArray(), message.DeliveryTag, message.Redelivered);
        await _slots.WaitAsync(CancellationToken.None);
        _ = Task.Run(async () =>
        {
            try
            {
                await AnswerAsync(new AskDelivery(content, isRepeated), tag);
            }
            finally
            {
                _slots.Release();
            }
        });
    }

    private async Task AnswerAsync(AskDelivery delivery, ulong tag)
    {
        var reply = await answer(delivery);
        await _turn.WaitAsync();
        try
        {
            if (reply is not null)
            {
                var properties = new BasicProperties { DeliveryMode = DeliveryModes.Transient, CorrelationId = reply.Id, Expiration = RabbitMqAskBroker.Expiration(reply.TimeToLive) };
                await channel.BasicPublishAsync(topology.Replies, reply.ReplyTo, mandatory: false, properties, reply.Content);
            }

            await channel.BasicAckAsync(tag, multiple: false);
        }
        catch (Exception e) when (e is OperationInterruptedException or IOException or ObjectDisposedException)
        {
            // The connection is lost, as whoever serves is told too; the broker delivers the request again.
        }
        finally
        {
            _turn.Release();
        }
    }
}
