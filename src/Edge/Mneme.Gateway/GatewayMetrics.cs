using System.Diagnostics.Metrics;
using Yarp.ReverseProxy.Forwarder;

namespace Mneme.Gateway;

internal static class GatewayMetrics
{
    private static readonly Meter Meter = new("Mneme.Gateway");
    private static readonly Counter<long> Retries = Meter.CreateCounter<long>("mneme.gateway.retries", description: "Requests that were sent to another destination, by service.");
    private static readonly Counter<long> Failures = Meter.CreateCounter<long>("mneme.gateway.failures", description: "Requests that were not answered by their service, by service and reason.");

    public static void Retried(string service) => Retries.Add(1, new KeyValuePair<string, object?>("service", service));

    public static void Failed(string service, ForwarderError error) =>
        Failures.Add(1, new KeyValuePair<string, object?>("service", service), new KeyValuePair<string, object?>("reason", error.ToString()));
}
