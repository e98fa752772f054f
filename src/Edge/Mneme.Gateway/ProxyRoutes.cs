using System.Globalization;
using System.Net;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.LoadBalancing;

namespace Mneme.Gateway;

/// <summary>The table of operations and the settings, in the proxy's terms. Pure.</summary>
internal static class ProxyRoutes
{
    public const string ReadinessPath = "/health/ready";

    /// <summary>One route for each operation, named by its place in the table.</summary>
    public static IReadOnlyList<RouteConfig> Routes(OperationTable table) => [.. table.Operations.Select(Route)];

    /// <summary>One cluster for each service, also for those without a destination: their operations answer 503 and not 404.</summary>
    public static IReadOnlyList<ClusterConfig> Clusters(OperationTable table, GatewayOptions options) => [.. table.Services.Select(service => Cluster(service, options))];

    /// <summary>The operation of a route's id.</summary>
    public static Operation OperationOf(string routeId, OperationTable table) => table.Operations[int.Parse(routeId, CultureInfo.InvariantCulture)];

    private static RouteConfig Route(Operation operation, int index) => new()
    {
        RouteId = index.ToString(CultureInfo.InvariantCulture),
        ClusterId = operation.Service,
        Match = new RouteMatch { Path = operation.PublicPattern, Methods = operation.Methods },
        Transforms = operation.IsOfProcess ? [new Dictionary<string, string>(StringComparer.Ordinal) { ["PathRemovePrefix"] = OperationTable.PrefixOf(operation.Service) }] : null,
    };

    private static ClusterConfig Cluster(string service, GatewayOptions options)
    {
        var destinations = new Dictionary<string, DestinationConfig>(StringComparer.OrdinalIgnoreCase);
        foreach (var (uri, index) in options.DestinationsOf(service).Select((uri, index) => (uri, index)))
            destinations[string.Create(CultureInfo.InvariantCulture, $"{service}-{index + 1}")] = new DestinationConfig { Address = uri.ToString() };
        var canary = options.CanaryOf(service);
        foreach (var (uri, index) in canary.Select((uri, index) => (uri, index)))
            destinations[string.Create(CultureInfo.InvariantCulture, $"{service}-canary-{index + 1}")] = new DestinationConfig { Address = uri.ToString(), Metadata = CanaryBalancing.Marked };
        return new ClusterConfig
        {
            ClusterId = service,
            Destinations = destinations,
            LoadBalancingPolicy = canary.Count > 0 ? CanaryBalancing.PolicyName : LoadBalancingPolicies.PowerOfTwoChoices,
            HttpRequest = new ForwarderRequestConfig { Version = HttpVersion.Version11, VersionPolicy = HttpVersionPolicy.RequestVersionOrLower, ActivityTimeout = options.IdleTimeout },
            HealthCheck = new HealthCheckConfig
            {
                AvailableDestinationsPolicy = HealthCheckConstants.AvailableDestinations.HealthyAndUnknown,
                Active = new ActiveHealthCheckConfig
                {
                    Enabled = true,
                    Path = ReadinessPath,
                    Interval = options.HealthInterval,
                    Timeout = options.HealthTimeout,
                    Policy = HealthCheckConstants.ActivePolicy.ConsecutiveFailures,
                },
                Passive = new PassiveHealthCheckConfig { Enabled = true, Policy = TransportFailures.PolicyName, ReactivationPeriod = options.FailurePause },
            },
            Metadata = new Dictionary<string, string>(StringComparer.Ordinal)
            {
                [ConsecutiveFailuresHealthPolicyOptions.ThresholdMetadataName] = options.HealthFailures.ToString(CultureInfo.InvariantCulture),
                [CanaryBalancing.WeightMetadata] = options.CanaryWeightOf(service).ToString(CultureInfo.InvariantCulture),
            },
        };
    }
}
