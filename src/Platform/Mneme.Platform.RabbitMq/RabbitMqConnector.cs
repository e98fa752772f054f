using RabbitMQ.Client;

namespace Mneme.Platform.RabbitMq;

/// <summary>Opens connections to the broker and has declared there what each of them needs.</summary>
internal sealed class RabbitMqConnector(RabbitMqOptions options)
{
    /// <summary>A connection over which what it needs has been declared. It does not recover by itself: who uses it opens another one.</summary>
    /// <param name="purpose">Shown to the broker's operators.</param>
    /// <param name="declare">Declares what it needs.</param>
    /// <param name="ct">Cancels the attempt.</param>
    /// <exception cref="RabbitMQ.Client.Exceptions.BrokerUnreachableException">No node answers.</exception>
    public async Task<IConnection> ConnectAsync(string purpose, Func<IChannel, CancellationToken, Task> declare, CancellationToken ct)
    {
        var factory = new ConnectionFactory
        {
            Uri = options.Url,
            ClientProvidedName = $"mneme {purpose} ({Environment.MachineName}, {Environment.ProcessId})",
            AutomaticRecoveryEnabled = false,
            TopologyRecoveryEnabled = false,
            RequestedConnectionTimeout = TimeSpan.FromSeconds(5),
            ContinuationTimeout = TimeSpan.FromSeconds(10),
            // Two missed ones end a connection whose other side is frozen or cut off.
            RequestedHeartbeat = TimeSpan.FromSeconds(10),
        };
        var connection = await factory.CreateConnectionAsync(Endpoints(factory), ct);
        try
        {
            await using var channel = await connection.CreateChannelAsync(cancellationToken: ct);
            await declare(channel, ct);
            return connection;
        }
        catch (OperationCanceledException e) when (!ct.IsCancellationRequested)
        {
            await connection.DisposeAsync();
            throw new TimeoutException($"RabbitMQ took the connection and did not declare what {purpose} needs within {factory.ContinuationTimeout.TotalSeconds:0} s.", e);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private List<AmqpTcpEndpoint> Endpoints(ConnectionFactory factory) =>
    [
        factory.Endpoint,
        .. options.Hosts.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(host => AmqpTcpEndpoint.Parse(host)).Select(endpoint => new AmqpTcpEndpoint(endpoint.HostName, endpoint.Port, factory.Ssl)),
    ];
}
