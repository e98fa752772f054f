using Microsoft.Extensions.Logging;
using Mneme.Platform.Redis.Resp;

namespace Mneme.Platform.Redis.SignalR;

/// <summary>
/// The channel on which the instances of a hub tell each other things, over a connection of its own that is opened when it is first used, and again whenever it is lost. What is published while an instance is not
/// connected never reaches it: Redis keeps nothing of a channel.
/// </summary>
internal sealed class HubChannel : IAsyncDisposable
{
    private static readonly TimeSpan Pulse = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(100);

    private readonly string _name;
    private readonly TimeSpan _commandTimeout;
    private readonly TimeProvider _time;
    private readonly BestEffortRedis _redis;
    private readonly CancellationTokenSource _ended = new();
    private readonly Lazy<Task> _staying;

    /// <param name="name">The channel's.</param>
    /// <param name="connector">Opens connections.</param>
    /// <param name="received">Takes what is published, one after the other; must be quick and must not throw.</param>
    /// <param name="time">Clock for time limits and pauses.</param>
    /// <param name="logger">Is told when Redis goes and comes.</param>
    public HubChannel(string name, RedisConnector connector, Action<byte[]> received, TimeProvider time, ILogger logger)
    {
        (_name, _commandTimeout, _time) = (name, connector.CommandTimeout, time);
        var client = new RedisClient(connector, "hub", time, (server, ct) => server.SubscribeAsync(name, ct), push =>
        {
            if (push.Items is [var kind, _, var message] && kind.AsString() == "message")
                received(message.Bytes);
        });
        _redis = new BestEffortRedis(client, $"messages on {name} reach the clients of the instance that sends them", time, logger);
        _staying = new Lazy<Task>(StayAsync);
    }

    /// <summary>Returns when what others publish is heard, or a moment later if it is not yet.</summary>
    public async ValueTask ListenAsync()
    {
        _ = _staying.Value;
        await _redis.ServerAsync(CancellationToken.None);
    }

    /// <summary>Gives a message to Redis. Messages leave in the order of the calls.</summary>
    /// <returns>False if Redis is away or refuses it.</returns>
    public async Task<bool> PublishAsync(byte[] message, CancellationToken ct)
    {
        _ = _staying.Value;
        var publishing = _redis.TryExecuteAsync(RespCommand.Of("PUBLISH", _name, message), _ended.Token, _commandTimeout).AsTask();
        try
        {
            return await publishing.WaitAsync(BestEffortRedis.Patience, _time, ct) is not null;
        }
        catch (TimeoutException)
        {
            // It is on its way, and still arrives if Redis is only slow.
            return true;
        }
    }

    private async Task StayAsync()
    {
        try
        {
            while (true)
            {
                if (await _redis.ServerAsync(_ended.Token) is not { } server)
                {
                    await Task.Delay(RetryDelay, _time, _ended.Token);
                    continue;
                }

                // Who only listens does not notice that nobody is there to speak any more.
                while (await Task.WhenAny(server.Ended, Task.Delay(Pulse, _time, _ended.Token)) != server.Ended)
                    await _redis.TryExecuteAsync(RespCommand.Of("PING"), _ended.Token, _commandTimeout);
                _redis.Lost();
            }
        }
        catch (OperationCanceledException)
        {
            // The program ends.
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        if (_staying.IsValueCreated)
            await _staying.Value;
        await _redis.DisposeAsync();
        _ended.Dispose();
    }
}
