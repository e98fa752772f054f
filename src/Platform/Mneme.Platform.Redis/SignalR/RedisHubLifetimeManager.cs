using System.Text.Json;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Mneme.Platform.Messaging;

namespace Mneme.Platform.Redis.SignalR;

/// <summary>
/// A hub's connections, those of other instances included. Each instance serves its own connections as SignalR does without this, and tells the others what they are to do with theirs.
/// </summary>
/// <remarks>
/// Messages reach whoever is connected when Redis passes them on: at most once, as in a single instance, and those of one instance in their order. While Redis is away each instance reaches its own connections only.
/// What concerns a single connection of another instance, its groups or its client's answer, cannot be left undone silently and throws an <see cref="IOException"/>.
/// </remarks>
internal sealed partial class RedisHubLifetimeManager<THub> : DefaultHubLifetimeManager<THub>, IAsyncDisposable
    where THub : Hub
{
    private static readonly string Hub = typeof(THub).FullName ?? typeof(THub).Name;

    private readonly string _instance = Guid.NewGuid().ToString("n");
    private readonly HubConnectionStore _own = new();
    private readonly HubRequests _requests = new();
    private readonly HubChannel _channel;
    private readonly JsonSerializerOptions _payload;
    private readonly TimeSpan _answerLimit;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private bool _hasIgnored;

    public RedisHubLifetimeManager(
        RedisConnector connector, MessagingOptions messaging, IOptions<JsonHubProtocolOptions> protocol, TimeProvider time, ILogger<RedisHubLifetimeManager<THub>> logger, ILogger<DefaultHubLifetimeManager<THub>> ownLogger)
        : base(ownLogger)
    {
        (_payload, _answerLimit, _time, _logger) = (protocol.Value.PayloadSerializerOptions, connector.CommandTimeout, time, logger);
        // With the database's number: unlike keys, channels are the same in all databases of a server.
        _channel = new HubChannel($"{messaging.Prefix}.hub.{connector.Database}.{Hub}", connector, Receive, time, logger);
    }

    public override async Task OnConnectedAsync(HubConnectionContext connection)
    {
        _own.Add(connection);
        await base.OnConnectedAsync(connection);
        // What others send it from now on is to reach it.
        await _channel.ListenAsync();
    }

    public override Task OnDisconnectedAsync(HubConnectionContext connection)
    {
        _own.Remove(connection);
        return base.OnDisconnectedAsync(connection);
    }

    public override Task SendAllAsync(string methodName, object?[] args, CancellationToken cancellationToken = default) => SendAllExceptAsync(methodName, args, [], cancellationToken);

    public override Task SendAllExceptAsync(string methodName, object?[] args, IReadOnlyList<string> excludedConnectionIds, CancellationToken cancellationToken = default)
    {
        var message = Message(HubCommandKind.SendToAll, [], methodName, args, excludedConnectionIds);
        return Task.WhenAll(base.SendAllExceptAsync(methodName, args, excludedConnectionIds, cancellationToken), _channel.PublishAsync(message, cancellationToken));
    }

    public override Task SendConnectionAsync(string connectionId, string methodName, object?[] args, CancellationToken cancellationToken = default) =>
        IsOwn(connectionId)
            ? base.SendConnectionAsync(connectionId, methodName, args, cancellationToken)
            : _channel.PublishAsync(Message(HubCommandKind.SendToConnections, [connectionId], methodName, args), cancellationToken);

    public override Task SendConnectionsAsync(IReadOnlyList<string> connectionIds, string methodName, object?[] args, CancellationToken cancellationToken = default)
    {
        string[] others = [.. connectionIds.Where(id => !IsOwn(id))];
        if (others.Length == 0)
            return base.SendConnectionsAsync(connectionIds, methodName, args, cancellationToken);
        var message = Message(HubCommandKind.SendToConnections, others, methodName, args);
        return Task.WhenAll(base.SendConnectionsAsync(connectionIds, methodName, args, cancellationToken), _channel.PublishAsync(message, cancellationToken));
    }

    public override Task SendGroupAsync(string groupName, string methodName, object?[] args, CancellationToken cancellationToken = default) => SendGroupExceptAsync(groupName, methodName, args, [], cancellationToken);

    public override Task SendGroupExceptAsync(string groupName, string methodName, object?[] args, IReadOnlyList<string> excludedConnectionIds, CancellationToken cancellationToken = default)
    {
        var message = Message(HubCommandKind.SendToGroups, [groupName], methodName, args, excludedConnectionIds);
        return Task.WhenAll(base.SendGroupExceptAsync(groupName, methodName, args, excludedConnectionIds, cancellationToken), _channel.PublishAsync(message, cancellationToken));
    }

    public override Task SendGroupsAsync(IReadOnlyList<string> groupNames, string methodName, object?[] args, CancellationToken cancellationToken = default)
    {
        var message = Message(HubCommandKind.SendToGroups, groupNames, methodName, args);
        return Task.WhenAll(base.SendGroupsAsync(groupNames, methodName, args, cancellationToken), _channel.PublishAsync(message, cancellationToken));
    }

    public override Task SendUserAsync(string userId, string methodName, object?[] args, CancellationToken cancellationToken = default) => SendUsersAsync([userId], methodName, args, cancellationToken);

    public override Task SendUsersAsync(IReadOnlyList<string> userIds, string methodName, object?[] args, CancellationToken cancellationToken = default)
    {
        var message = Message(HubCommandKind.SendToUsers, userIds, methodName, args);
        return Task.WhenAll(base.SendUsersAsync(userIds, methodName, args, cancellationToken), _channel.PublishAsync(message, cancellationToken));
    }

    public override Task AddToGroupAsync(string connectionId, string groupName, CancellationToken cancellationToken = default) =>
        IsOwn(connectionId)
            ? base.AddToGroupAsync(connectionId, groupName, cancellationToken)
            : TellHolderAsync(new HubCommand { From = _instance, Kind = HubCommandKind.AddToGroup, Connection = connectionId, To = [groupName] }, cancellationToken);

    public override Task RemoveFromGroupAsync(string connectionId, string groupName, CancellationToken cancellationToken = default) =>
        IsOwn(connectionId)
            ? base.RemoveFromGroupAsync(connectionId, groupName, cancellationToken)
            : TellHolderAsync(new HubCommand { From = _instance, Kind = HubCommandKind.RemoveFromGroup, Connection = connectionId, To = [groupName] }, cancellationToken);

    /// <exception cref="IOException">No instance holds the connection, or Redis does not reach it.</exception>
    /// <exception cref="HubException">The client failed, or was disconnected.</exception>
    public override async Task<T> InvokeConnectionAsync<T>(string connectionId, string methodName, object?[] args, CancellationToken cancellationToken)
    {
        if (IsOwn(connectionId))
            return await base.InvokeConnectionAsync<T>(connectionId, methodName, args, cancellationToken);
        using var request = _requests.Open();
        await AskHolderAsync(request, new HubCommand { From = _instance, Kind = HubCommandKind.Invoke, Connection = connectionId, Method = methodName, Arguments = Arguments(args) }, cancellationToken);
        // As long as the client takes, like one of this instance's own.
        var answer = await request.Answer.Task.WaitAsync(cancellationToken);
        return answer.Arguments is [var result] ? result.Deserialize<T>(_payload)! : throw new HubException(answer.Error);
    }

    private async Task TellHolderAsync(HubCommand command, CancellationToken ct)
    {
        using var request = _requests.Open();
        await AskHolderAsync(request, command, ct);
    }

    /// <summary>Returns when the instance that holds the connection has taken the command.</summary>
    private async Task AskHolderAsync(HubRequest request, HubCommand command, CancellationToken ct)
    {
        if (!await _channel.PublishAsync((command with { Id = request.Id }).Encode(), ct))
            throw new IOException($"Connection '{command.Connection}' is none of this instance's, and the others cannot be reached while Redis is away.");
        try
        {
            await request.Taken.Task.WaitAsync(_answerLimit, _time, ct);
        }
        catch (TimeoutException e)
        {
            throw new IOException($"No instance said within {_answerLimit.TotalSeconds:0.#} s that it holds connection '{command.Connection}': it is closed, or its instance is not connected to Redis.", e);
        }
    }

    // Called for one message after the other. Each is begun before the next comes, so that a connection gets them in their order; none is waited for, so that a slow client does not keep the others waiting.
    private void Receive(byte[] message)
    {
        if (HubCommand.Decode(message) is not { } command)
        {
            HubMetrics.Ignored(Hub);
            if (!Interlocked.Exchange(ref _hasIgnored, true))
                LogIgnored(Hub, message.Length);
        }
        else if (command.From != _instance)
        {
            _ = ObeyAsync(command);
        }
    }

    private async Task ObeyAsync(HubCommand command)
    {
        try
        {
            object?[] arguments = [.. command.Arguments];
            switch (command.Kind)
            {
                case HubCommandKind.SendToAll:
                    await base.SendAllExceptAsync(command.Method, arguments, command.Except);
                    break;
                case HubCommandKind.SendToConnections:
                    await base.SendConnectionsAsync(command.To, command.Method, arguments);
                    break;
                case HubCommandKind.SendToGroups:
                    await Task.WhenAll(command.To.Select(group => base.SendGroupExceptAsync(group, command.Method, arguments, command.Except)));
                    break;
                case HubCommandKind.SendToUsers:
                    await base.SendUsersAsync(command.To, command.Method, arguments);
                    break;
                case HubCommandKind.AddToGroup when IsOwn(command.Connection):
                    await Task.WhenAll(command.To.Select(group => base.AddToGroupAsync(command.Connection, group)));
                    await ReplyAsync(command, HubCommandKind.Taken);
                    break;
                case HubCommandKind.RemoveFromGroup when IsOwn(command.Connection):
                    await Task.WhenAll(command.To.Select(group => base.RemoveFromGroupAsync(command.Connection, group)));
                    await ReplyAsync(command, HubCommandKind.Taken);
                    break;
                case HubCommandKind.Invoke when IsOwn(command.Connection):
                    await ReplyAsync(command, HubCommandKind.Taken);
                    await AnswerAsync(command, arguments);
                    break;
                case HubCommandKind.Taken or HubCommandKind.Answer:
                    _requests.Answered(command);
                    break;
            }
        }
        catch (Exception e)
        {
            LogFailed(Hub, command.Kind, e);
        }
    }

    private async Task AnswerAsync(HubCommand command, object?[] arguments)
    {
        try
        {
            await ReplyAsync(command, HubCommandKind.Answer, await base.InvokeConnectionAsync<JsonElement>(command.Connection, command.Method, arguments, CancellationToken.None));
        }
        catch (Exception e)
        {
            await ReplyAsync(command, HubCommandKind.Answer, error: e.Message);
        }
    }

    private Task ReplyAsync(HubCommand command, HubCommandKind kind, JsonElement? result = null, string? error = null)
    {
        var reply = new HubCommand { From = _instance, Kind = kind, Id = command.Id, Arguments = result is { } some ? [some] : [], Error = error };
        return _channel.PublishAsync(reply.Encode(), CancellationToken.None);
    }

    private byte[] Message(HubCommandKind kind, IReadOnlyList<string> to, string method, object?[] args, IReadOnlyList<string>? except = null) =>
        new HubCommand { From = _instance, Kind = kind, To = to, Except = except ?? [], Method = method, Arguments = Arguments(args) }.Encode();

    private JsonElement[] Arguments(object?[] args) => [.. args.Select(argument => JsonSerializer.SerializeToElement(argument, argument?.GetType() ?? typeof(object), _payload))];

    private bool IsOwn(string connectionId)
    {
        ArgumentNullException.ThrowIfNull(connectionId);
        return _own[connectionId] is not null;
    }

    public ValueTask DisposeAsync() => _channel.DisposeAsync();

    [LoggerMessage(Level = LogLevel.Warning, Message = "A message of {Bytes} bytes on the channel of {Hub} is none of its instances', or none that this version knows, and is ignored. Further ones are only counted")]
    private partial void LogIgnored(string hub, int bytes);

    [LoggerMessage(Level = LogLevel.Warning, Message = "What another instance wanted of the clients of {Hub} ({Kind}) failed")]
    private partial void LogFailed(string hub, HubCommandKind kind, Exception exception);
}
