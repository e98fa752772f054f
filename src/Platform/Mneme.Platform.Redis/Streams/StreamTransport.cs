using Mneme.Platform.Messaging;
using Mneme.Platform.Redis.Resp;

namespace Mneme.Platform.Redis.Streams;

/// <summary>
/// Appends events to their streams over one connection: a batch is sent without waiting, then every reply is awaited. Events that no consumer wants are not sent, because
/// nobody would ever confirm them, so that they could be removed.
/// </summary>
internal sealed class StreamTransport : IEventTransport, IAsyncDisposable
{
    private readonly StreamTopology _topology;
    private readonly EventRoutes _routes;
    private readonly RedisOptions _options;
    private readonly TimeProvider _time;
    private readonly RedisClient _client;
    private volatile Confirmation? _confirmation;

    public StreamTransport(RedisConnector connector, StreamTopology topology, Durability durability, EventRoutes routes, RedisOptions options, TimeProvider time)
    {
        (_topology, _routes, _options, _time) = (topology, routes, options, time);
        _client = new RedisClient(connector, "publisher", time, async (server, ct) =>
        {
            _confirmation = await durability.VerifyAsync(server, ct);
            await topology.DeclareAsync(server, ct);
        });
    }

    public async Task PublishAsync(IReadOnlyList<EventEnvelope> envelopes, CancellationToken ct)
    {
        var commands = envelopes.Where(envelope => _routes.IsConsumed(envelope.Type))
            .Select(envelope => RespCommand.Of("XADD", _topology.Stream(envelope.Topic), "*", StreamEntry.EventField, CloudEvents.Write(envelope)))
            .ToList();
        if (commands.Count == 0)
            return;
        using var limit = new CancellationTokenSource(_options.ConfirmTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, limit.Token);
        try
        {
            var server = await _client.ServerAsync(either.Token);
            await Task.WhenAll(commands.Select(command => server.ExecuteAsync(command, either.Token)));
            await _confirmation!.AwaitAsync(server, _options.ConfirmTimeout, either.Token);
        }
        catch (OperationCanceledException e) when (!ct.IsCancellationRequested)
        {
            throw new TimeoutException($"Redis did not confirm {commands.Count} events within {_options.ConfirmTimeout.TotalSeconds:0} s; they will be published again.", e);
        }
    }

    public ValueTask DisposeAsync() => _client.DisposeAsync();
}
