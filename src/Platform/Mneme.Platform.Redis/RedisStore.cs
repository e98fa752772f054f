using Mneme.Platform.Messaging;
using Mneme.Platform.Persistence;
using Mneme.Platform.Redis.Resp;

namespace Mneme.Platform.Redis;

/// <summary>Runs services' scripts over one shared connection, on a server that was found fit to keep what it confirms.</summary>
internal sealed class RedisStore : IRedisStore, IAsyncDisposable
{
    private readonly RedisClient _client;
    private readonly RedisOptions _options;
    private readonly string _prefix;
    private volatile Confirmation? _confirmation;

    public RedisStore(RedisConnector connector, Durability durability, RedisOptions options, MessagingOptions messaging, TimeProvider time)
    {
        (_options, _prefix) = (options, messaging.Prefix);
        _client = new RedisClient(connector, "store", time, async (server, ct) => _confirmation = await durability.VerifyAsync(server, ct));
    }

    public Task<IReadOnlyList<string>> QueryAsync(string script, IReadOnlyList<string> arguments, CancellationToken ct) => RunAsync(script, arguments, isChange: false, ct);

    public Task<IReadOnlyList<string>> ChangeAsync(string script, IReadOnlyList<string> arguments, CancellationToken ct) => RunAsync(script, arguments, isChange: true, ct);

    private async Task<IReadOnlyList<string>> RunAsync(string script, IReadOnlyList<string> arguments, bool isChange, CancellationToken ct)
    {
        try
        {
            var server = await _client.ServerAsync(ct);
            var reply = await server.ExecuteAsync(RespCommand.Of("EVAL", [script, 1, _prefix, .. arguments.Select(argument => (RespArgument)argument)]), ct);
            if (isChange)
                await _confirmation!.AwaitAsync(server, _options.ConfirmTimeout, ct);
            return [.. reply.Items.Select(item => item.AsString())];
        }
        catch (RedisException e)
        {
            throw new StoreUnavailableException(e.Message, e);
        }
    }

    public ValueTask DisposeAsync() => _client.DisposeAsync();
}
