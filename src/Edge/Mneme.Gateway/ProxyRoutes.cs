using System.Globalization;
using System.Net;
using Mneme.Platform.Asking;
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
    /// <param name="table">The operations.</param>
    /// <param name="options">The settings.</param>
    /// <param name="found">What was found of the services that have no configured destinations.</param>
    public static IReadOnlyList<ClusterConfig> Clusters(OperationTable table, GatewayOptions options, IReadOnlyDictionary<string, IReadOnlyList<ConsulInstance>> found) =>
        [.. table.Services.Select(service => Cluster(service, options, found.GetValueOrDefault(service) ?? []))];

    /// <summary>The operation of a route's id.</summary>
    public static Operation OperationOf(string routeId, OperationTable table) => table.Operations[int.Parse(routeId, CultureInfo.InvariantCulture)];

    private static RouteConfig Route(Operation operation, int index) => new()
    {
        RouteId = index.ToString(CultureInfo.InvariantCulture),
        ClusterId = operation.Service,
        Match = new RouteMatch { Path = operation.PublicPattern, Methods = operation.Methods },
        Transforms = operation.IsOfProcess ? [new Dictionary<string, string>(StringComparer.Ordinal) { ["PathRemovePrefix"] = OperationTable.PrefixOf(operation.Service) }] : null,
    };

    private static ClusterConfig Cluster(string service, GatewayOptions options, IReadOnlyList<ConsulInstance> found)
    {
        // Named by their addresses: the health of one that stays is not forgotten when others come and go.
        var destinations = new Dictionary<string, DestinationConfig>(StringComparer.OrdinalIgnoreCase);
        foreach (var uri in options.DestinationsOf(service).Concat(found.Where(instance => !instance.IsCanary).Select(instance => instance.Address)))
            destinations[uri.ToString()] = new DestinationConfig { Address = uri.ToString() };
        // A new version may be found besides, as any instance is; it gets its share and no more.
        var canary = options.CanaryOf(service).Concat(found.Where(instance => instance.IsCanary).Select(instance => instance.Address)).ToList();
        foreach (var uri in canary)
            destinations[uri.ToString()] = new DestinationConfig { Address = uri.ToString(), Metadata = CanaryBalancing.Marked };
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
