using Mneme.Platform.Asking.Brokers;
using Mneme.Platform.Redis.Resp;

namespace Mneme.Platform.Redis.Asking;

/// <summary>One service that is asked, over two connections: one that waits for requests and one for everything else.</summary>
internal sealed class AskServing(RedisServer reader, RedisServer server, AskKeys keys, string service, int concurrency, Func<AskDelivery, Task<AskReplyMessage?>> answer) : IDisposable
{
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(1);

    /// <summary>An instance that has not said for so long that it answers is taken for dead; each says so three times as often.</summary>
    private static readonly TimeSpan Presence = TimeSpan.FromSeconds(6);

    private readonly string _instance = Guid.NewGuid().ToString("n");
    private readonly SemaphoreSlim _slots = new(concurrency, concurrency);

    public async Task RunAsync(Action taking, CancellationToken stop)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stop);
        await ShowAsync();
        taking();
        var showing = ShowAgainAsync(ended.Token);
        try
        {
            await using var leaving = stop.Register(() => _ = LeaveAsync());
            await TakeAsync(stop);
        }
        finally
        {
            await ended.CancelAsync();
            await showing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Returns when everything that was taken is answered, or its deadline has passed.</summary>
    public async Task FinishAsync()
    {
        for (var i = 0; i < concurrency; i++)
            await _slots.WaitAsync(CancellationToken.None);
        Dispose();
    }

    public void Dispose() => _slots.Dispose();

    private async Task TakeAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            // Only what can be begun at once is taken; the rest waits where other instances can take it.
            await _slots.WaitAsync(stop);
            var read = RespValue.Null;
            try
            {
                // Never given up: Redis may have handed a request out already, which would be lost.
                read = await reader.ExecuteBlockingAsync(RespCommand.Of("BLPOP", keys.Requests(service), (long)Wait.TotalSeconds), Wait, CancellationToken.None);
            }
            finally
            {
                if (read.IsNull)
                    _slots.Release();
            }

            if (!read.IsNull)
                _ = AnswerAsync(read.Items[1].Bytes);
        }
    }

    private async Task AnswerAsync(byte[] content)
    {
        await Task.Yield();
        try
        {
            if (await answer(new AskDelivery(content, IsRepeated: false)) is { } reply && keys.IsReplyList(reply.ReplyTo))
                await server.ExecuteAsync(RespCommand.Of("EVAL", AskKeys.Reply, 1, reply.ReplyTo, AskReplies.Entry(reply), RedisAskBroker.Milliseconds(reply.TimeToLive)), CancellationToken.None);
        }
        catch (RedisException)
        {
            // Nobody gets this reply. That the connection is lost shows where requests are taken.
        }
        finally
        {
            _slots.Release();
        }
    }

    private Task ShowAsync() => server.ExecuteAsync(RespCommand.Of("EVAL", AskKeys.Here, 1, keys.Answering(service), _instance, (long)Presence.TotalMilliseconds), CancellationToken.None);

    private async Task ShowAgainAsync(CancellationToken ct)
    {
        using var timer = new PeriodicTimer(Presence / 3);
        while (await timer.WaitForNextTickAsync(ct))
        {
            try
            {
                await ShowAsync();
            }
            catch (RedisServerException)
            {
                // Such as that Redis loads its data: the next time counts.
            }
            catch (RedisException)
            {
                // Whoever cannot say that it answers cannot answer either: the wait for requests ends, and all of it begins anew.
                await reader.DisposeAsync();
                return;
            }
        }
    }

    /// <summary>Tells that this instance answers no more, then ends the wait for requests. If that fails, both end by themselves.</summary>
    private async Task LeaveAsync()
    {
        try
        {
            await server.ExecuteAsync(RespCommand.Of("ZREM", keys.Answering(service), _instance), CancellationToken.None);
            await server.ExecuteAsync(RespCommand.Of("CLIENT", "UNBLOCK", reader.Id), CancellationToken.None);
        }
        catch (RedisException)
        {
            // The connection is lost, and with it the wait.
        }
    }
}
