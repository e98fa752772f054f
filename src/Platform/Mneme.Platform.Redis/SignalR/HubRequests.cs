using System.Collections.Concurrent;

namespace Mneme.Platform.Redis.SignalR;

/// <summary>What this instance has asked of the one that holds a connection, until it is answered.</summary>
internal sealed class HubRequests
{
    private readonly ConcurrentDictionary<string, HubRequest> _open = new(StringComparer.Ordinal);

    public HubRequest Open()
    {
        var request = new HubRequest(Guid.NewGuid().ToString("n"), closed => _open.TryRemove(closed.Id, out _));
        _open[request.Id] = request;
        return request;
    }

    /// <summary>Takes notice of what another instance says about a request; of another's, or one that nobody waits for any more, none is taken.</summary>
    public void Answered(HubCommand command)
    {
        if (_open.TryGetValue(command.Id, out var request))
            (command.Kind == HubCommandKind.Taken ? request.Taken : request.Answer).TrySetResult(command);
    }
}

/// <summary>One of them; to be disposed of by whoever waits for it.</summary>
internal sealed class HubRequest(string id, Action<HubRequest> closed) : IDisposable
{
    public string Id => id;

    public TaskCompletionSource<HubCommand> Taken { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public TaskCompletionSource<HubCommand> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Dispose() => closed(this);
}
