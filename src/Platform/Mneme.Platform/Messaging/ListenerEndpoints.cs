using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Mneme.Platform.Domain;
using Mneme.Platform.Http;
using Mneme.Platform.Observability;
using Mneme.Platform.Security;

namespace Mneme.Platform.Messaging;

/// <summary>The operator's view of the listeners of this process, and the switch to stop and start them.</summary>
internal static class ListenerEndpoints
{
    internal sealed record ListenerStatusResponse(string Consumer, ListenerState State, DateTimeOffset? HeartbeatAt, string? LastError);

    internal sealed record ListenersStatusResponse(string Backend, IReadOnlyList<ListenerStatusResponse> Listeners);

    internal sealed record ListenerStatsResponse(
        string Consumer, long Received, long Handled, long Redelivered, long SetAside, long Buried, long Disconnections, DateTimeOffset? LastReceivedAt, DateTimeOffset? LastHandledAt);

    internal sealed record ListenersStatsResponse(string Backend, IReadOnlyList<ListenerStatsResponse> Listeners);

    public static void Map(IEndpointRouteBuilder api)
    {
        var listener = api.MapGroup("/integration-events/listener");
        listener.MapGet("/status", GetListenerStatus).WithName(nameof(GetListenerStatus)).WithSummary("What each listener of this process is doing").Produces<ListenersStatusResponse>().AdminOnly();
        listener.MapGet("/stats", GetListenerStats).WithName(nameof(GetListenerStats)).WithSummary("What each has done since the process started").Produces<ListenersStatsResponse>().AdminOnly();
        listener.MapPost("/start", StartListeners).WithName(nameof(StartListeners)).WithSummary("Start those that are stopped").Produces<ListenersStatusResponse>().AdminOnly().OwnTransaction();
        listener.MapPost("/stop", StopListeners).WithName(nameof(StopListeners)).WithSummary("Stop them until they are started again; their events wait").Produces<ListenersStatusResponse>().AdminOnly().OwnTransaction();
    }

    private static Outcome<ListenersStatusResponse> GetListenerStatus(IEnumerable<EventListener> listeners, MessagingOptions options) => Status(listeners, options);

    private static Outcome<ListenersStatsResponse> GetListenerStats(IEnumerable<EventListener> listeners, MessagingOptions options) => new ListenersStatsResponse(
        options.Backend,
        [.. listeners.Select(l => (l.Consumer, Done: l.Statistics)).Select(l => new ListenerStatsResponse(
            l.Consumer, l.Done.ReceivedCount, l.Done.HandledCount, l.Done.RedeliveredCount, l.Done.SetAsideCount, l.Done.BuriedCount, l.Done.DisconnectionCount,
            l.Done.LastReceivedAt, l.Done.LastHandledAt))]);

    private static Task<Outcome<ListenersStatusResponse>> StartListeners(IEnumerable<EventListener> listeners, MessagingOptions options, CancellationToken ct) =>
        SwitchAsync(listeners, options, listener => listener.StartAsync(ct));

    private static Task<Outcome<ListenersStatusResponse>> StopListeners(IEnumerable<EventListener> listeners, MessagingOptions options, CancellationToken ct) =>
        SwitchAsync(listeners, options, listener => listener.StopAsync(ct));

    private static async Task<Outcome<ListenersStatusResponse>> SwitchAsync(IEnumerable<EventListener> listeners, MessagingOptions options, Func<EventListener, Task> act)
    {
        if (!listeners.Any())
            return Problem.Conflict("no-listener", $"Nothing listens here: with the backend '{options.Backend}' events are handed over within this process.");
        await Task.WhenAll(listeners.Select(act));
        return Status(listeners, options);
    }

    private static ListenersStatusResponse Status(IEnumerable<EventListener> listeners, MessagingOptions options) =>
        new(options.Backend, [.. listeners.Select(l => new ListenerStatusResponse(l.Consumer, l.State, l.Statistics.HeartbeatAt, l.Statistics.LastError))]);
}
