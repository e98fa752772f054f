using System.Globalization;
using Mneme.Platform.Asking.Brokers;
using RabbitMQ.Client;

namespace Mneme.Platform.RabbitMq.Asking;

/// <summary>
/// Asks over RabbitMQ. A request is mandatory, so that it comes back at once if nobody answers for the service, and acknowledged when its reply is sent: if the answering process ends before, the broker gives it to
/// another one and says that it is not the first.
/// </summary>
internal sealed class RabbitMqAskBroker(RabbitMqConnector connector, AskTopology topology, AskReplies replies) : IAskBroker
{
    public async Task<ReadOnlyMemory<byte>> AskAsync(AskRequestMessage request, CancellationToken ct) => await (await replies.ConnectionAsync(ct)).AskAsync(topology.Requests, request, ct);

    public async Task ServeAsync(string service, int concurrency, Func<AskDelivery, Task<AskReplyMessage?>> answer, Action taking, CancellationToken stop)
    {
        await using var connection = await connector.ConnectAsync($"answers of {service}", DeclareAsync, stop);
        try
        {
            await using var channel = await connection.CreateChannelAsync(cancellationToken: stop);
            var serving = new AskServing(channel, topology, concurrency, answer);
            try
            {
                await serving.RunAsync(service, taking, stop);
            }
            catch when (!stop.IsCancellationRequested)
            {
                // What is in hand ends by its deadline, and its replies go nowhere.
                _ = serving.FinishAsync();
                throw;
            }

            await serving.FinishAsync();
        }
        finally
        {
            // A frozen broker does not answer a close.
            await connection.AbortAsync(TimeSpan.FromSeconds(1));
        }

        async Task DeclareAsync(IChannel channel, CancellationToken ct)
        {
            await topology.DeclareAsync(channel, ct);
            await topology.DeclareQueueAsync(channel, service, ct);
        }
    }

    /// <summary>In whole milliseconds; 0 would mean that only somebody who waits right now may have it.</summary>
    public static string Expiration(TimeSpan timeToLive) => Math.Max(1, (long)timeToLive.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);
}
