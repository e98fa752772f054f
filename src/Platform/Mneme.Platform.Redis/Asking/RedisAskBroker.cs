using Mneme.Platform.Asking.Brokers;
using Mneme.Platform.Redis.Resp;

namespace Mneme.Platform.Redis.Asking;

/// <summary>
/// Asks over Redis: a list of requests for each service, which those who answer for it take from in turn, and a list of replies for each process that asks. Lists, because a request is for whoever comes first and gone when it
/// is taken, with nothing to trim or to claim. So a request whose taker dies is answered by nobody, and ends with its deadline.
/// </summary>
internal sealed class RedisAskBroker(RedisConnector connector, AskKeys keys, AskReplies replies, TimeProvider time) : IAskBroker, IAsyncDisposable
{
    private readonly RedisClient _client = new(connector, "asks", time);

    public async Task<ReadOnlyMemory<byte>> AskAsync(AskRequestMessage request, CancellationToken ct)
    {
        RedisServer server;
        try
        {
            server = await _client.ServerAsync(ct);
            await replies.ReadAsync(ct);
        }
        catch (RedisException e)
        {
            throw new AskNotSentException(e.Message, e);
        }

        return await replies.WaitAsync(request.Id, () => SendAsync(server, request, ct), ct);
    }

    private async Task SendAsync(RedisServer server, AskRequestMessage request, CancellationToken ct)
    {
        var command = RespCommand.Of(
            "EVAL", AskKeys.Send, 2, keys.Requests(request.Service), keys.Answering(request.Service), request.Compose(replies.Address).ToArray(), Milliseconds(request.TimeToLive));
        try
        {
            if ((await server.ExecuteAsync(command, ct)).AsInteger() == 0)
                throw new AskNotSentException("nobody answers for it over Redis");
        }
        catch (RedisServerException e)
        {
            // Such as that there is no room: then the script has not begun to write.
            throw new AskNotSentException(e.Message, e);
        }
        catch (RedisException e)
        {
            throw new AskLostException(e.Message, e);
        }
    }

    public async Task ServeAsync(string service, int concurrency, Func<AskDelivery, Task<AskReplyMessage?>> answer, Action taking, CancellationToken stop)
    {
        await using var reader = await connector.ConnectAsync($"asks-{service}", stop);
        await using var server = await connector.ConnectAsync($"answers-{service}", stop);
        var serving = new AskServing(reader, server, keys, service, concurrency, answer);
        try
        {
            await serving.RunAsync(taking, stop);
        }
        catch (RedisException)
        {
            // What is in hand ends by its deadline, and its replies go nowhere.
            _ = serving.FinishAsync();
            throw;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // There was no room for a further request.
        }

        await serving.FinishAsync();
    }

    public ValueTask DisposeAsync() => _client.DisposeAsync();

    /// <summary>Whole ones, and at least one: a key that lives for none is gone.</summary>
    public static long Milliseconds(TimeSpan timeToLive) => Math.Max(1, (long)timeToLive.TotalMilliseconds);
}
