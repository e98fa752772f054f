using Mneme.Cli;

namespace Mneme.Deployment;

/// <summary>A target's resources: Deployment, Service, HorizontalPodAutoscaler, PodDisruptionBudget and <see cref="KubernetesPolicy">NetworkPolicy</see>.</summary>
internal static class KubernetesTarget
{
    public const int UserId = 10001;

    /// <summary>The resources' files, for kustomization.yaml.</summary>
    public static string WriteList(IReadOnlyList<DeploymentTarget> targets) => Yaml.Lines(2, targets.Select(target => $"- targets/{target.Name}.yaml"));

    /// <summary>Gives targets that kustomization.yaml does not know yet this version; the others keep theirs.</summary>
    public static string AddImages(string kustomization, IReadOnlyList<DeploymentTarget> targets)
    {
        const string Heading = "\nimages:\n";
        var missing = targets.Where(target => !kustomization.Contains($"- name: mneme-{target.Name}\n", StringComparison.Ordinal))
            .SelectMany(target => (string[])[$"  - name: mneme-{target.Name}\n", "    newName: mneme\n", $"    newTag: {ComposeServices.Version}\n"]);
        return kustomization.Replace(Heading, Heading + string.Concat(missing), StringComparison.Ordinal);
    }

    public static string Write(DeploymentTarget target, IReadOnlyList<DeploymentTarget> targets) =>
        $"# Written by `{DeploymentFiles.Command}`: what is to be different here goes into a patch.\n"
        + string.Join("\n---\n", Deployment(target, targets), Service(target), Autoscaler(target), DisruptionBudget(target), KubernetesPolicy.Write(target)) + "\n";

    /// <summary>The labels by which its pods are found.</summary>
    public static string[] Labels(DeploymentTarget target) => ["app.kubernetes.io/name: mneme", $"app.kubernetes.io/component: {target.Name}"];

    private static string Deployment(DeploymentTarget target, IReadOnlyList<DeploymentTarget> targets) =>
        $"""
        apiVersion: apps/v1
        kind: Deployment
        metadata:
          name: {target.Name}
          labels:
        {Yaml.Lines(4, Labels(target))}
        spec:
          # How many replicas there are the autoscaler decides.
          revisionHistoryLimit: 5
          minReadySeconds: 5
          progressDeadlineSeconds: 300
          strategy:
            rollingUpdate:
              maxSurge: 1
              maxUnavailable: 0
          selector:
            matchLabels:
        {Yaml.Lines(6, Labels(target))}
          template:
            metadata:
              labels:
        {Yaml.Lines(8, Labels(target))}
              annotations:
                prometheus.io/scrape: "true"
                prometheus.io/port: "{DeploymentTarget.ManagementPort}"
                prometheus.io/path: /metrics
            spec:
              automountServiceAccountToken: false
              enableServiceLinks: false
              # Longer than the program takes to finish what it has begun.
              terminationGracePeriodSeconds: {CommandLine.ShutdownLimit.TotalSeconds + 5:0}
              securityContext:
                runAsNonRoot: true
                runAsUser: {UserId}
                runAsGroup: {UserId}
                fsGroup: {UserId}
                seccompProfile:
                  type: RuntimeDefault
              topologySpreadConstraints:
        {Spread(target, "kubernetes.io/hostname")}
        {Spread(target, "topology.kubernetes.io/zone")}
              containers:
                - name: mneme
                  # kustomization.yaml says which version of the program this target runs.
                  image: mneme-{target.Name}
                  args: [serve, --target, {target.Name}, --quiet]
                  env:
        {Yaml.Lines(12, Settings(target, targets).SelectMany(setting => (string[])[$"- name: {setting.Name}", $"  value: \"{setting.Value}\""]))}
                  envFrom:
        {Yaml.Lines(12, Sources(target))}
                  ports:
        {Yaml.Lines(12, Ports(target).SelectMany(port => (string[])[$"- name: {port.Name}", $"  containerPort: {port.Port}"]))}
                  startupProbe:
                    httpGet:
                      path: /health/live
                      port: http
                    periodSeconds: 2
                    timeoutSeconds: 3
                    failureThreshold: 60
                  livenessProbe:
                    httpGet:
                      path: /health/live
                      port: http
                    periodSeconds: 10
                    timeoutSeconds: 3
                    failureThreshold: 3
                  readinessProbe:
                    httpGet:
                      path: /health/ready
                      port: http
                    periodSeconds: 5
                    timeoutSeconds: 3
                    failureThreshold: 2
                  resources:
                    requests:
                      cpu: 100m
                      memory: 256Mi
                    limits:
                      cpu: "1"
                      memory: 512Mi
                  securityContext:
                    allowPrivilegeEscalation: false
                    readOnlyRootFilesystem: true
                    capabilities:
                      drop: [ALL]
                  volumeMounts:
        {Yaml.Lines(12, Mounts(target))}
              volumes:
        {Yaml.Lines(8, Volumes(target))}
        """;

    /// <summary>What only this target is told; what all are told is in the ConfigMap.</summary>
    private static IEnumerable<(string Name, string Value)> Settings(DeploymentTarget target, IReadOnlyList<DeploymentTarget> targets) => target.IsGateway
        ? [("Gateway__ResolveDns", "true"), .. targets.Where(other => !other.IsGateway).Select(other => ($"Gateway__Destinations__{other.Name}", $"http://{other.Name}:{DeploymentTarget.HttpPort}"))]
        : [("Ask__Port", $"{DeploymentTarget.AskPort}")];

    /// <summary>Settings by their names in the environment, the later before the earlier. The gateway needs neither database nor broker.</summary>
    private static IEnumerable<string> Sources(DeploymentTarget target)
    {
        List<(string Kind, string Name, bool IsOptional)> sources = [("configMapRef", "mneme", false)];
        sources.AddRange(target.IsGateway ? [("configMapRef", "mneme-gateway", false)] : [("secretRef", "mneme-database", false), ("secretRef", "mneme-broker", false)]);
        sources.Add(("secretRef", "mneme-telemetry", true));
        if (target.Secrets.Count > 0)
            sources.Add(("secretRef", $"mneme-{target.Name}", true));
        return sources.SelectMany(source => (string[])[$"- {source.Kind}:", $"    name: {source.Name}", .. source.IsOptional ? ["    optional: true"] : (string[])[]]);
    }

    private static IEnumerable<(string Name, int Port)> Ports(DeploymentTarget target) =>
        [("http", DeploymentTarget.HttpPort), .. target.AskedBy.Count > 0 ? [("ask", DeploymentTarget.AskPort)] : ((string, int)[])[], ("management", DeploymentTarget.ManagementPort)];

    private static string Spread(DeploymentTarget target, string key) =>
        $"""
                - maxSkew: 1
                  topologyKey: {key}
                  whenUnsatisfiable: ScheduleAnyway
                  labelSelector:
                    matchLabels:
        {Yaml.Lines(14, Labels(target))}
        """;

    private static IEnumerable<string> Mounts(DeploymentTarget target)
    {
        List<(string Name, string Path, bool IsReadOnly)> mounts = [("certificate", "/certificates", true), ("data", "/data", false), ("temporary", "/tmp", false)];
        if (target.HasIdentityKey)
            mounts.Add(("identity-key", "/data/keys", true));
        return mounts.SelectMany(mount => (string[])[$"- name: {mount.Name}", $"  mountPath: {mount.Path}", .. mount.IsReadOnly ? ["  readOnly: true"] : (string[])[]]);
    }

    /// <summary>The certificate's secret has the keys that cert-manager and <c>kubectl create secret tls</c> use.</summary>
    private static IEnumerable<string> Volumes(DeploymentTarget target) =>
    [
        .. Secret("certificate", $"mneme-certificate-{target.Name}", ("ca.crt", "ca.pem"), ("tls.crt", $"{target.Name}.pem"), ("tls.key", $"{target.Name}.key")),
        "- name: data",
        "  emptyDir:",
        "    sizeLimit: 1Gi",
        "- name: temporary",
        "  emptyDir:",
        "    sizeLimit: 1Gi",
        .. target.HasIdentityKey ? Secret("identity-key", "mneme-identity-key", ("identity.key", "identity.key")) : [],
    ];

    private static IEnumerable<string> Secret(string volume, string secret, params IEnumerable<(string Key, string Path)> items) =>
    [
        $"- name: {volume}",
        "  secret:",
        $"    secretName: {secret}",
        "    defaultMode: 288 # 0440",
        "    items:",
        .. items.SelectMany(item => (string[])[$"      - key: {item.Key}", $"        path: {item.Path}"]),
    ];

    /// <summary>Headless for a service, so that its name stands for the address of every replica that is ready: asking and the gateway balance by themselves.</summary>
    private static string Service(DeploymentTarget target) =>
        $"""
        apiVersion: v1
        kind: Service
        metadata:
          name: {target.Name}
          labels:
        {Yaml.Lines(4, Labels(target))}
        spec:
        {Yaml.Lines(2, target.IsGateway ? "type: ClusterIP" : "clusterIP: None")}
          selector:
        {Yaml.Lines(4, Labels(target))}
          ports:
        {Yaml.Lines(4, Ports(target).SelectMany(port => (string[])[$"- name: {port.Name}", $"  port: {(target.IsGateway && port.Name == "http" ? 80 : port.Port)}", $"  targetPort: {port.Name}"]))}
        """;

    private static string Autoscaler(DeploymentTarget target) =>
        $"""
        apiVersion: autoscaling/v2
        kind: HorizontalPodAutoscaler
        metadata:
          name: {target.Name}
          labels:
        {Yaml.Lines(4, Labels(target))}
        spec:
          scaleTargetRef:
            apiVersion: apps/v1
            kind: Deployment
            name: {target.Name}
          minReplicas: 2
          maxReplicas: 10
          metrics:
            - type: Resource
              resource:
                name: cpu
                target:
                  type: Utilization
                  averageUtilization: 70
        """;

    private static string DisruptionBudget(DeploymentTarget target) =>
        $"""
        apiVersion: policy/v1
        kind: PodDisruptionBudget
        metadata:
          name: {target.Name}
          labels:
        {Yaml.Lines(4, Labels(target))}
        spec:
          maxUnavailable: 1
          selector:
            matchLabels:
        {Yaml.Lines(6, Labels(target))}
        """;
}
