using Mneme.Platform.Redis.Resp;

namespace Mneme.Platform.Redis;

/// <summary>
/// A shared connection that is opened when it is needed, and opened again when it is lost: at once at first, then with pauses in which commands fail
/// without waiting.
/// </summary>
/// <param name="connector">Opens connections.</param>
/// <param name="purpose">For the server's operators.</param>
/// <param name="time">Clock for the pauses.</param>
/// <param name="prepare">What is done on each new connection before it is used.</param>
/// <param name="pushed">Takes what the server sends unasked.</param>
internal sealed class RedisClient(
    RedisConnector connector, string purpose, TimeProvider time, Func<RedisServer, CancellationToken, Task>? prepare = null, Action<RespValue>? pushed = null) : IAsyncDisposable
{
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(3);

    private readonly SemaphoreSlim _turn = new(1, 1);
    private RedisServer? _server;
    private RedisException? _failure;
    private int _failures;
    private long _failedAt;

    /// <summary>The connection, if there is one.</summary>
    public RedisServer? Current => _server is { IsOpen: true } open ? open : null;

    /// <inheritdoc cref="RespConnection.ExecuteAsync(RespCommand, TimeSpan, CancellationToken)"/>
    public async Task<RespValue> ExecuteAsync(RespCommand command, CancellationToken ct) => await (await ServerAsync(ct)).ExecuteAsync(command, ct);

    /// <summary>The connection as it is now, for commands that belong together.</summary>
    /// <exception cref="RedisException">There is none, and none could be opened.</exception>
    public async Task<RedisServer> ServerAsync(CancellationToken ct)
    {
        if (Current is { } open)
            return open;
        await _turn.WaitAsync(ct);
        try
        {
            if (Current is { } opened)
                return opened;
            if (_failure is { } failure && time.GetElapsedTime(_failedAt) < Pause(_failures))
                throw new RedisConnectionException($"Redis is not there, and the next attempt comes shortly: {failure.Message}", failure);
            return await OpenAsync(ct);
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task<RedisServer> OpenAsync(CancellationToken ct)
    {
        if (_server is { } lost)
            await lost.DisposeAsync();
        _server = null;
        RedisServer? opened = null;
        try
        {
            opened = await connector.ConnectAsync(purpose, ct, pushed);
            if (prepare is not null)
                await prepare(opened, ct);
            (_failure, _failures) = (null, 0);
            return _server = opened;
        }
        catch (Exception e)
        {
            if (opened is not null)
                await opened.DisposeAsync();
            if (e is RedisException failure)
                (_failure, _failures, _failedAt) = (failure, _failures + 1, time.GetTimestamp());
            throw;
        }
    }

    // With jitter: a server that comes back is not to meet all clients at once.
    private static TimeSpan Pause(int failures)
    {
        var pause = ShortestPause * Math.Pow(2, Math.Min(failures, 6) - 1);
        return (pause < LongestPause ? pause : LongestPause) * (0.8 + Random.Shared.NextDouble() * 0.4);
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is { } server)
            await server.DisposeAsync();
        _turn.Dispose();
    }
}
