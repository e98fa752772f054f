using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Mneme.Platform.Redis.Resp;

namespace Mneme.Platform.Redis;

/// <summary>
/// Opens connections to the one server that is configured, greets it with RESP3 and signs in. Redis Cluster and Sentinel are not spoken: a cluster
/// is refused, and behind a fail-over the address has to stay the same.
/// </summary>
internal sealed class RedisConnector(RedisOptions options, TimeProvider time)
{
    /// <summary>Streams are taken over by idle time and trimmed by position since this version.</summary>
    private static readonly Version OldestVersion = new(6, 2);

    private readonly RedisAddress _address = options.Address;

    public TimeSpan CommandTimeout => options.CommandTimeout;

    /// <summary>The number of the database that keys are in.</summary>
    public int Database => _address.Database;

    /// <param name="purpose">Shown to the server's operators by <c>CLIENT LIST</c>; no blanks.</param>
    /// <param name="ct">Cancels the attempt.</param>
    /// <param name="pushed">Takes what the server sends unasked.</param>
    /// <exception cref="RedisConnectionException">The server cannot be reached.</exception>
    /// <exception cref="RedisUnsuitableException">It is too old, a cluster, a replica, or refuses the user or password.</exception>
    public async Task<RedisServer> ConnectAsync(string purpose, CancellationToken ct, Action<RespValue>? pushed = null)
    {
        using var limit = new CancellationTokenSource(options.CommandTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, limit.Token);
        Stream? stream = null;
        RespConnection? connection = null;
        try
        {
            stream = await OpenAsync(either.Token);
            connection = new RespConnection(stream, time, new RespLimits(), pushed ?? (_ => { }));
            var (version, id) = await GreetAsync(connection, purpose, either.Token);
            return new RedisServer(connection, version, id, options.CommandTimeout);
        }
        catch (Exception e)
        {
            if (connection is not null)
                await connection.DisposeAsync();
            else if (stream is not null)
                await stream.DisposeAsync();
            if (e is SocketException or IOException or System.Security.Authentication.AuthenticationException)
                throw new RedisConnectionException($"Redis at {_address} cannot be reached: {e.Message}", e);
            // A greeting's own time limit ends with that of the whole: either may come first.
            if (e is RedisTimeoutException || (e is OperationCanceledException && !ct.IsCancellationRequested))
                throw new RedisConnectionException($"Redis at {_address} did not answer within {options.CommandTimeout.TotalSeconds:0.#} s.", e);
            throw;
        }
    }

    private async Task<Stream> OpenAsync(CancellationToken ct)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            // A connection on which only the server speaks, seldom, would not notice that the server's machine is gone.
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, 30);
            await socket.ConnectAsync(_address.Host, _address.Port, ct);
        }
        catch
        {
            socket.Dispose();
            throw;
        }

        var stream = new NetworkStream(socket, ownsSocket: true);
        if (!_address.IsTls)
            return stream;
        var secured = new SslStream(stream);
        try
        {
            await secured.AuthenticateAsClientAsync(Tls(), ct);
            return secured;
        }
        catch
        {
            await secured.DisposeAsync();
            throw;
        }
    }

    private SslClientAuthenticationOptions Tls()
    {
        var tls = new SslClientAuthenticationOptions { TargetHost = _address.Host };
        if (options.CaCertificate.Length > 0)
        {
            tls.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            tls.CertificateChainPolicy.CustomTrustStore.ImportFromPemFile(options.CaCertificate);
        }

        return tls;
    }

    private async Task<(Version Version, long ConnectionId)> GreetAsync(RespConnection connection, string purpose, CancellationToken ct)
    {
        var name = $"mneme-{purpose}-{Environment.ProcessId}";
        var hello = _address.Password.Length > 0
            ? RespCommand.Of("HELLO", "3", "AUTH", _address.User, _address.Password, "SETNAME", name)
            : RespCommand.Of("HELLO", "3", "SETNAME", name);
        try
        {
            var server = await connection.ExecuteAsync(hello, options.CommandTimeout, ct);
            var version = Version.TryParse(server["version"].AsString(), out var parsed) ? parsed : throw TooOld();
            if (version < OldestVersion)
                throw TooOld();
            if (server["mode"].AsString() == "cluster")
                throw new RedisUnsuitableException($"Redis at {_address} is a cluster, which is not supported: use a single server, with replicas if need be.");
            if (server["role"].AsString() != "master")
                throw new RedisUnsuitableException($"Redis at {_address} is a replica, which cannot be written to: Redis__Url must name the primary.");
            if (_address.Database != 0)
                await connection.ExecuteAsync(RespCommand.Of("SELECT", _address.Database), options.CommandTimeout, ct);
            return (version, server["id"].AsInteger());
        }
        catch (RedisServerException e) when (e.Code is "WRONGPASS" or "NOAUTH" or "NOPERM")
        {
            throw new RedisUnsuitableException($"Redis at {_address} refuses the user or the password in Redis__Url: {e.Message}", e);
        }
        catch (RedisServerException e) when (e.Code is "NOPROTO" || e.Message.Contains("unknown command", StringComparison.OrdinalIgnoreCase))
        {
            throw TooOld();
        }
    }

    private RedisUnsuitableException TooOld() => new($"Redis at {_address} is too old: version {OldestVersion} or newer is needed.");
}

/// <summary>A connection that is signed in, to a server of known version.</summary>
internal sealed class RedisServer(RespConnection connection, Version version, long id, TimeSpan commandTimeout) : IAsyncDisposable
{
    public Version Version => version;

    /// <summary>The server's number for this connection.</summary>
    public long Id => id;

    public bool IsOpen => connection.IsOpen;

    /// <inheritdoc cref="RespConnection.Ended"/>
    public Task Ended => connection.Ended;

    /// <inheritdoc cref="RespConnection.ExecuteAsync(RespCommand, TimeSpan, CancellationToken)"/>
    public Task<RespValue> ExecuteAsync(RespCommand command, CancellationToken ct) => connection.ExecuteAsync(command, commandTimeout, ct);

    /// <inheritdoc cref="RespConnection.ExecuteAsync(RespCommand, TimeSpan, CancellationToken)"/>
    public Task<RespValue> ExecuteAsync(RespCommand command, TimeSpan timeout, CancellationToken ct) => connection.ExecuteAsync(command, timeout, ct);

    /// <summary>Sends a command that the server answers late on purpose. What is sent after it waits for it, so it wants a connection of its own.</summary>
    /// <param name="command">The command.</param>
    /// <param name="blocked">How long it may block, as the command itself says.</param>
    /// <param name="ct">Gives up waiting.</param>
    public Task<RespValue> ExecuteBlockingAsync(RespCommand command, TimeSpan blocked, CancellationToken ct) => connection.ExecuteAsync(command, blocked + commandTimeout, ct);

    /// <inheritdoc cref="RespConnection.SubscribeAsync"/>
    public Task SubscribeAsync(string channel, CancellationToken ct) => connection.SubscribeAsync(channel, commandTimeout, ct);

    public ValueTask DisposeAsync() => connection.DisposeAsync();
}
