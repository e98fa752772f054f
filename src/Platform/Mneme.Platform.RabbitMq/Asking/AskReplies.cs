using Mneme.Platform.Asking.Brokers;

namespace Mneme.Platform.RabbitMq.Asking;

/// <summary>The connection over which this process asks: opened when it is needed, and opened again when it is lost.</summary>
internal sealed class AskReplies(RabbitMqConnector connector, AskTopology topology) : IAsyncDisposable
{
    private readonly SemaphoreSlim _turn = new(1, 1);
    private AskConnection? _connection;

    /// <exception cref="AskNotSentException">There is no connection, and none can be opened.</exception>
    public async Task<AskConnection> ConnectionAsync(CancellationToken ct)
    {
        if (_connection is { IsOpen: true } open)
            return open;
        await _turn.WaitAsync(ct);
        try
        {
            if (_connection is { IsOpen: true } opened)
                return opened;
            if (_connection is { } lost)
                await lost.DisposeAsync();
            _connection = null;
            return _connection = await AskConnection.OpenAsync(connector, topology, ct);
        }
        catch (Exception e) when (!ct.IsCancellationRequested)
        {
            throw new AskNotSentException($"RabbitMQ cannot be reached: {e.Message}", e);
        }
        finally
        {
            _turn.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_connection is { } connection)
            await connection.DisposeAsync();
        _turn.Dispose();
    }
}
