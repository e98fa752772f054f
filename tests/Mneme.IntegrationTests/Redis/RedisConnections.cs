using System.Text;
using Mneme.IntegrationTests.Brokers;
using Mneme.Platform.Redis;
using Mneme.Platform.Redis.Resp;

namespace Mneme.IntegrationTests.Redis;

/// <summary>One redis-server for all tests that neither end nor reconfigure it.</summary>
public sealed class SharedRedis : IAsyncLifetime
{
    public RedisInstance Instance { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Instance = await RedisInstance.StartNewAsync(["--enable-debug-command", "local"]);

    public ValueTask DisposeAsync() => Instance.DisposeAsync();
}

/// <summary>Connections of our client, as the program makes them.</summary>
internal static class RedisConnections
{
    public static Task<RedisServer> ConnectAsync(this RedisInstance instance, Action<RespValue>? pushed = null) => Connector(instance.Address).ConnectAsync("test", CancellationToken.None, pushed);

    public static RedisConnector Connector(Uri url, TimeSpan? timeout = null, string certificate = "") =>
        new(new RedisOptions { Url = url, CommandTimeout = timeout ?? TimeSpan.FromSeconds(30), CaCertificate = certificate }, TimeProvider.System);

    public static async Task<string> RunAsync(this RedisServer server, string name, params RespArgument[] arguments) =>
        (await server.ExecuteAsync(RespCommand.Of(name, arguments), CancellationToken.None)) is { IsNull: false } reply ? reply.AsString() : "(null)";

    public static Task<string> RunAsync(this RedisClient client, string name, params RespArgument[] arguments) => RunAsync(client.ExecuteAsync(RespCommand.Of(name, arguments), CancellationToken.None));

    private static async Task<string> RunAsync(Task<RespValue> reply) => Encoding.UTF8.GetString((await reply).Bytes);
}
