using Microsoft.AspNetCore.Http;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.Model;

namespace Mneme.Gateway;

/// <summary>
/// A destination to which no connection can be made gets no requests for a while; it is not waited for until the next question for its health. Every request that
/// found this out was either sent elsewhere or answered 503. Answers are not judged here: a service that answers 500 is there.
/// </summary>
internal sealed class TransportFailures(IDestinationHealthUpdater health) : IPassiveHealthCheckPolicy
{
    public const string PolicyName = "TransportFailures";

    public string Name => PolicyName;

    public void RequestProxied(HttpContext context, ClusterState cluster, DestinationState destination)
    {
        if (context.Features.Get<IForwarderErrorFeature>() is { } failure && RetryDecision.IsUnsent(failure.Error, failure.Exception))
            health.SetPassive(cluster, destination, DestinationHealth.Unhealthy, cluster.Model.Config.HealthCheck!.Passive!.ReactivationPeriod!.Value);
    }
}
