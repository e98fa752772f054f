namespace Mneme.Deployment;

/// <summary>Who may connect to a target's pods, and where they may connect to. Everything else is denied by network.yaml, which allows name lookups too.</summary>
internal static class KubernetesPolicy
{
    /// <summary>PostgreSQL's port, and those of the brokers that <c>Messaging__Backend</c> can choose, plain and TLS.</summary>
    public static IReadOnlyDictionary<string, int[]> StorePorts { get; } = new Dictionary<string, int[]>(StringComparer.Ordinal)
    {
        ["postgresql"] = [5432],
        ["rabbitmq"] = [5671, 5672],
        ["redis"] = [6379, 6380],
        ["kafka"] = [9092, 9093],
        // AWS is at 443 at addresses that nobody can list here, and 443 to everywhere would open what the services may not reach: docs/deployment.md says what to add.
        ["aws"] = [],
    };

    private static readonly int[] CollectorPorts = [4317, 4318];
    private static readonly string[] PrivateNetworks = ["10.0.0.0/8", "100.64.0.0/10", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16"];

    public static string Write(DeploymentTarget target) =>
        $"""
        apiVersion: networking.k8s.io/v1
        kind: NetworkPolicy
        metadata:
          name: {target.Name}
          labels:
        {Yaml.Lines(4, KubernetesTarget.Labels(target))}
        spec:
          podSelector:
            matchLabels:
        {Yaml.Lines(6, KubernetesTarget.Labels(target))}
          policyTypes: [Ingress, Egress]
          ingress:
        {Yaml.Lines(4, Ingress(target))}
          egress:
        {Yaml.Lines(4, Egress(target))}
        """;

    private static IEnumerable<string> Ingress(DeploymentTarget target) =>
    [
        .. target.IsGateway
            ? (string[])["# People, by way of whatever stands before the gateway.", .. Ports("- ports:", [DeploymentTarget.HttpPort])]
            : ["# People's requests, which the gateway has let in.", .. Pods("from", [Targets.Gateway]), .. Ports("  ports:", [DeploymentTarget.HttpPort])],
        .. target.AskedBy.Count == 0 ? (string[])[] : ["# Who may ask it, by the contracts.", .. Pods("from", target.AskedBy), .. Ports("  ports:", [DeploymentTarget.AskPort])],
        "# Metrics.",
        "- from:",
        "    - namespaceSelector:",
        "        matchLabels:",
        "          kubernetes.io/metadata.name: monitoring",
        .. Ports("  ports:", [DeploymentTarget.ManagementPort]),
    ];

    private static IEnumerable<string> Egress(DeploymentTarget target)
    {
        foreach (var line in target.IsGateway
            ? (string[])["# The services.", .. Pods("to", Targets.WithCertificate.Where(name => name != Targets.Gateway)), .. Ports("  ports:", [DeploymentTarget.HttpPort])]
            : ["# Database and broker, wherever they are.", .. Ports("- ports:", StorePorts.Values.SelectMany(ports => ports))])
            yield return line;
        if (target.Asks.Count > 0)
        {
            foreach (var line in (string[])["# Whom it may ask, by the contracts.", .. Pods("to", target.Asks), .. Ports("  ports:", [DeploymentTarget.AskPort])])
                yield return line;
        }

        foreach (var line in (string[])["# A collector of traces and metrics.", .. Ports("- ports:", CollectorPorts)])
            yield return line;
        if (target.Outside is not { } outside)
            yield break;
        if (outside.IsPublicOnly)
        {
            foreach (var line in (string[])["# What people name, so nothing on private networks.", "- to:", "    - ipBlock:", "        cidr: 0.0.0.0/0", $"        except: {Yaml.List(PrivateNetworks)}", .. Ports("  ports:", outside.Ports)])
                yield return line;
        }
        else
        {
            foreach (var line in (string[])["# Providers outside.", .. Ports("- ports:", outside.Ports)])
                yield return line;
        }
    }

    private static IEnumerable<string> Pods(string direction, IEnumerable<string> targets) =>
    [
        $"- {direction}:",
        "    - podSelector:",
        "        matchExpressions:",
        "          - key: app.kubernetes.io/component",
        "            operator: In",
        $"            values: {Yaml.List(targets)}",
    ];

    private static IEnumerable<string> Ports(string opening, IEnumerable<int> ports) => [opening, .. ports.Select(port => $"    - port: {port}")];
}
