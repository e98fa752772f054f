using Microsoft.Extensions.Logging;
using Mneme.Platform.Redis.Resp;

namespace Mneme.Platform.Redis;

/// <summary>
/// Redis for whoever can do without it for a while. Nobody waits for it longer than its patience, connecting included, and while it is known to be away nobody waits at all. The log says once that it is away, and
/// once that it is back.
/// </summary>
/// <param name="client">Connects, with pauses between attempts that fail; owned from here on.</param>
/// <param name="meanwhile">For the log: what holds as long as Redis is away.</param>
/// <param name="time">Clock for time limits.</param>
/// <param name="logger">Of whoever uses it.</param>
/// <param name="patience">How long a caller waits at most; null for <see cref="Patience"/>.</param>
internal sealed partial class BestEffortRedis(RedisClient client, string meanwhile, TimeProvider time, ILogger logger, TimeSpan? patience = null) : IAsyncDisposable
{
    /// <summary>What a request can be kept waiting without anybody noticing much.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(250);

    private static readonly TimeSpan RefusalsAreLoggedEvery = TimeSpan.FromMinutes(1);

    private readonly TimeSpan _patience = patience ?? Patience;
    private readonly CancellationTokenSource _ended = new();
    private readonly Lock _turn = new();
    private Task<RedisServer?> _connecting = Task.FromResult<RedisServer?>(null);
    private bool _isAway;
    private long _refusedAt;

    // The rest is for the command: one that is given up at once would close the connection that has just been opened.
    private TimeSpan PatienceToConnect => _patience * 0.4;

    /// <summary>Executes a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="ct">Gives up waiting; the command may have been executed.</param>
    /// <param name="timeout">For those whom nobody waits for; null for the patience of all.</param>
    /// <returns>The reply; null if Redis is away or refuses the command.</returns>
    public async ValueTask<RespValue?> TryExecuteAsync(RespCommand command, CancellationToken ct, TimeSpan? timeout = null)
    {
        ct.ThrowIfCancellationRequested();
        var startedAt = time.GetTimestamp();
        if (await ServerAsync(ct) is not { } server)
            return null;
        try
        {
            var limit = timeout ?? Max(_patience - time.GetElapsedTime(startedAt), _patience - PatienceToConnect);
            var reply = await server.ExecuteAsync(command, limit, ct);
            Back();
            return reply;
        }
        catch (RedisServerException e)
        {
            Refused(command, e);
        }
        catch (RedisException e)
        {
            Away(e);
        }

        return null;
    }

    /// <summary>The connection. Where there is none it is opened, also after the caller has given up waiting for it.</summary>
    /// <returns>Null if there is none yet.</returns>
    public async ValueTask<RedisServer?> ServerAsync(CancellationToken ct)
    {
        if (client.Current is { } server)
            return server;
        var connecting = Connect();
        if (Volatile.Read(ref _isAway))
            return null;
        try
        {
            return await connecting.WaitAsync(PatienceToConnect, time, ct);
        }
        catch (TimeoutException)
        {
            Away(new RedisTimeoutException($"Redis could not be connected to within {PatienceToConnect.TotalMilliseconds:0} ms."));
            return null;
        }
    }

    /// <summary>For whoever saw the connection go. Until there is another one Redis is away.</summary>
    public void Lost() => Away(new RedisConnectionException("The connection was lost."));

    private Task<RedisServer?> Connect()
    {
        lock (_turn)
        {
            if (_connecting.IsCompleted)
                _connecting = ConnectAsync();
            return _connecting;
        }
    }

    private async Task<RedisServer?> ConnectAsync()
    {
        try
        {
            var server = await client.ServerAsync(_ended.Token);
            Back();
            return server;
        }
        catch (Exception e)
        {
            if (!_ended.IsCancellationRequested)
                Away(e);
            return null;
        }
    }

    private void Away(Exception reason)
    {
        if (!Interlocked.Exchange(ref _isAway, true))
            LogAway(meanwhile, reason);
    }

    private void Back()
    {
        if (Volatile.Read(ref _isAway) && Interlocked.Exchange(ref _isAway, false))
            LogBack(meanwhile);
    }

    // No outage: a Redis whose memory is full refuses to write and goes on reading.
    private void Refused(RespCommand command, RedisServerException reason)
    {
        var (before, now) = (Interlocked.Read(ref _refusedAt), time.GetTimestamp());
        if ((before == 0 || time.GetElapsedTime(before, now) >= RefusalsAreLoggedEvery) && Interlocked.CompareExchange(ref _refusedAt, now, before) == before)
            LogRefused(command.Name, meanwhile, reason);
    }

    private static TimeSpan Max(TimeSpan one, TimeSpan other) => one > other ? one : other;

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        await _connecting;
        await client.DisposeAsync();
        _ended.Dispose();
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Redis is away; until it is back, {Meanwhile}")]
    private partial void LogAway(string meanwhile, Exception exception);

    [LoggerMessage(Level = LogLevel.Information, Message = "Redis is back, and it is no longer so that {Meanwhile}")]
    private partial void LogBack(string meanwhile);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Redis refuses {Command}; where it does, {Meanwhile}. Further refusals within a minute are not logged")]
    private partial void LogRefused(string command, string meanwhile, Exception exception);
}
