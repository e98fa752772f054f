using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.Model;

namespace Mneme.Gateway;

/// <summary>
/// What looks unhealthy may be there again, or may answer although it does not call itself ready. So where no destination of a service looks healthy, one request in each
/// <see cref="GatewayOptions.TrialInterval"/> is sent all the same, as through a circuit breaker that is half open; an answer, whichever it is, makes its destination
/// available to everybody. The proxy's own HealthyOrPanic would send every request: where a host is gone, whose connections time out, each of them would wait for that.
/// </summary>
internal sealed class Trials(GatewayOptions options, IDestinationHealthUpdater health, TimeProvider time)
{
    private readonly ConcurrentDictionary<string, long> _begun = new(StringComparer.Ordinal);

    /// <returns>The destinations to try; none if it is another request's turn.</returns>
    public IReadOnlyList<DestinationState> Begin(HttpContext context, IReverseProxyFeature proxy)
    {
        var cluster = proxy.Route.Cluster!;
        if (proxy.AllDestinations.Count == 0 || !IsDue(cluster.ClusterId))
            return [];
        context.Response.OnStarting(() =>
        {
            if (context.Features.Get<IForwarderErrorFeature>() is null && proxy.ProxiedDestination is { } answering)
            {
                health.SetPassive(cluster, answering, DestinationHealth.Unknown, options.FailurePause);
                health.SetActive(cluster, [new NewActiveDestinationHealth(answering, DestinationHealth.Unknown)]);
            }

            return Task.CompletedTask;
        });
        return proxy.AllDestinations;
    }

    private bool IsDue(string service)
    {
        var now = time.GetTimestamp();
        if (!_begun.TryGetValue(service, out var last))
            return _begun.TryAdd(service, now);
        return time.GetElapsedTime(last, now) >= options.TrialInterval && _begun.TryUpdate(service, now, last);
    }
}
