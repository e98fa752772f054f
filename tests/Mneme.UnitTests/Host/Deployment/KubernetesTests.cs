using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;
using Mneme.Cli;
using Mneme.Contracts.Ai;
using Mneme.Deployment;
using Mneme.Gateway;
using Mneme.Platform.Asking;
using Mneme.Platform.Http;
using Mneme.Platform.Messaging;

namespace Mneme.UnitTests.Host.Deployment;

public sealed partial class KubernetesTests
{
    private static readonly JsonNode Kustomization = YamlFile.Documents("deploy/kubernetes/kustomization.yaml").ShouldHaveSingleItem();

    public static TheoryData<string> Names => [.. Targets.WithCertificate];

    private static Dictionary<string, string?> Common => Generated("mneme");

    private static Dictionary<string, string?> Generated(string configMap) => Kustomization.List("configMapGenerator").Named(configMap).List("literals")
        .Select(literal => literal.ToString().Split('=', 2)).ToDictionary(pair => pair[0], pair => (string?)pair[1], StringComparer.Ordinal);

    [Theory]
    [MemberData(nameof(Names))]
    public void A_target_has_its_five_resources_and_a_version_of_its_own(string name)
    {
        var resources = YamlFile.Documents($"deploy/kubernetes/targets/{name}.yaml");

        resources.Select(resource => resource.Text("kind")).ShouldBe(["Deployment", "Service", "HorizontalPodAutoscaler", "PodDisruptionBudget", "NetworkPolicy"]);
        resources.Select(resource => resource.Text("metadata", "name")).Distinct().ShouldBe([name]);
        var labels = Labels(name);
        Resource(name, "Deployment").Map("spec", "selector", "matchLabels").ShouldBe(labels, ignoreOrder: true);
        Resource(name, "Deployment").Map("spec", "template", "metadata", "labels").ShouldBe(labels, ignoreOrder: true);
        Resource(name, "Service").Map("spec", "selector").ShouldBe(labels, ignoreOrder: true);
        Resource(name, "PodDisruptionBudget").Map("spec", "selector", "matchLabels").ShouldBe(labels, ignoreOrder: true);
        Resource(name, "NetworkPolicy").Map("spec", "podSelector", "matchLabels").ShouldBe(labels, ignoreOrder: true);
        var container = Container(name);
        container.Text("image").ShouldBe($"mneme-{name}");
        container.List("args").Select(argument => argument.ToString()).ShouldBe(["serve", "--target", name, "--quiet"]);
        Kustomization.List("images").Where(image => image.Text("name") == $"mneme-{name}")
            .ShouldHaveSingleItem($"deploy/kubernetes/kustomization.yaml says once under images which version mneme-{name} is").Text("newTag").ShouldBe(ComposeServices.Version);
        Kustomization.List("resources").Select(resource => resource.ToString()).ShouldContain($"targets/{name}.yaml");
    }

    [Fact]
    public void Every_file_of_the_kustomizations_exists_and_every_image_is_used()
    {
        foreach (var (folder, used) in new[] { ("deploy/kubernetes", Targets.WithCertificate.Select(name => $"mneme-{name}")), ("deploy/kubernetes/migrate", ["mneme-migrate"]) })
        {
            var kustomization = YamlFile.Documents($"{folder}/kustomization.yaml").ShouldHaveSingleItem();
            foreach (var resource in kustomization.List("resources"))
                File.Exists(Repository.File($"{folder}/{resource}")).ShouldBeTrue($"{folder}/{resource}");
            kustomization.Text("namespace").ShouldBe("mneme");
            kustomization.List("images").Select(image => image.Text("name")).ShouldBe(used, ignoreOrder: true);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_pod_has_no_rights_that_it_does_not_need(string name) => ShouldHaveNoRights(Resource(name, "Deployment").At("spec", "template", "spec")!);

    [Fact]
    public void The_job_that_migrates_has_no_more_rights()
    {
        var job = YamlFile.Documents("deploy/kubernetes/migrate/job.yaml").Single(resource => resource.Text("kind") == "Job");
        ShouldHaveNoRights(job.At("spec", "template", "spec")!);
        job.Text("spec", "template", "spec", "containers", 0, "args", 0).ShouldBe("migrate");
        job.Text("spec", "template", "spec", "containers", 0, "envFrom", 0, "secretRef", "name").ShouldBe("mneme-database");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_pod_is_probed_bounded_spread_and_given_time_to_end(string name)
    {
        var pod = Resource(name, "Deployment").At("spec", "template", "spec")!;
        var container = Container(name);

        foreach (var (probe, path) in new[] { ("startupProbe", "/health/live"), ("livenessProbe", "/health/live"), ("readinessProbe", "/health/ready") })
        {
            container.Text(probe, "httpGet", "path").ShouldBe(path);
            // The probes are on the public listener, which has to answer for the pod to be of use: docs/http.md.
            container.Text(probe, "httpGet", "port").ShouldBe("http");
            // The program gives a dependency a second.
            Number(container, probe, "timeoutSeconds").ShouldBeGreaterThan(1);
        }

        foreach (var kind in new[] { "requests", "limits" })
        {
            container.Text("resources", kind, "cpu").ShouldNotBeEmpty();
            container.Text("resources", kind, "memory").ShouldNotBeEmpty();
        }

        var drain = TimeSpan.Parse(Common["Http__DrainDelay"]!, CultureInfo.InvariantCulture);
        Number(pod, "terminationGracePeriodSeconds").ShouldBeGreaterThan(CommandLine.ShutdownLimit.TotalSeconds);
        CommandLine.ShutdownLimit.ShouldBeGreaterThan(drain + TimeSpan.FromSeconds(30), "requests that came in while draining have their time limit");
        var gateway = new GatewayOptions();
        drain.ShouldBeGreaterThanOrEqualTo(gateway.HealthInterval * gateway.HealthFailures, "the gateway has noticed by then");
        pod.List("topologySpreadConstraints").Select(spread => spread.Text("topologyKey")).ShouldBe(["kubernetes.io/hostname", "topology.kubernetes.io/zone"]);
        Number(Resource(name, "Deployment"), "spec", "strategy", "rollingUpdate", "maxUnavailable").ShouldBe(0);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_target_scales_and_is_never_evicted_whole(string name)
    {
        var scaler = Resource(name, "HorizontalPodAutoscaler");
        scaler.Text("spec", "scaleTargetRef", "name").ShouldBe(name);
        Number(scaler, "spec", "minReplicas").ShouldBeGreaterThan(1);
        Number(scaler, "spec", "maxReplicas").ShouldBeGreaterThan(Number(scaler, "spec", "minReplicas"));
        Resource(name, "Deployment").At("spec", "replicas").ShouldBeNull("the autoscaler decides; applying the file must not undo it");
        Number(Resource(name, "PodDisruptionBudget"), "spec", "maxUnavailable").ShouldBe(1);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Its_ports_are_those_the_program_listens_at_and_its_name_leads_to_each_replica(string name)
    {
        var isGateway = name == Targets.Gateway;
        var ports = Container(name).List("ports").ToDictionary(port => port.Text("name"), port => (int)Number(port, "containerPort"), StringComparer.Ordinal);
        ports["http"].ShouldBe(new HttpOptions().Port);
        ports["management"].ShouldBe(new HttpOptions().ManagementPort);
        Resource(name, "Deployment").Text("spec", "template", "metadata", "annotations", "prometheus.io/port").ShouldBe($"{ports["management"]}");
        if (!isGateway)
            ports["ask"].ShouldBe(new AskOptions().DnsPort);
        var service = Resource(name, "Service");
        service.List("spec", "ports").Select(port => port.Text("targetPort")).ShouldBe(ports.Keys, ignoreOrder: true);
        if (isGateway)
            service.Text("spec", "type").ShouldBe("ClusterIP");
        else
            service.Text("spec", "clusterIP").ShouldBe("None", "asking and the gateway look up every replica's address");
        Common["Ask__DnsPattern"].ShouldBe("{service}.mneme.svc", "the services' names in the namespace");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_target_runs_with_the_settings_it_is_given(string name)
    {
        var environment = new Dictionary<string, string?>(StringComparer.Ordinal);
        foreach (var setting in Container(name).List("envFrom").Select(source => source.At("configMapRef", "name")?.ToString()).OfType<string>().SelectMany(Generated))
            environment[setting.Key] = setting.Value;
        environment.Keys.ShouldContain("Http__PublicUrl");
        foreach (var setting in Container(name).List("env"))
            environment[setting.Text("name")] = setting.Text("value");
        foreach (var secret in Secrets(name).SelectMany(secret => secret switch
        {
            "mneme-database" => [("Database__Url", "postgres://mneme:secret@db.example.org:5432/mneme")],
            "mneme-broker" => [("RabbitMq__Url", "amqps://mneme:secret@broker.example.org:5671/")],
            _ => ((string, string)[])[],
        }))
            environment[secret.Item1] = secret.Item2;

        var configuration = SettingsOf.ShouldRun(name, environment);

        if (name != Targets.Gateway)
            return;
        var gateway = configuration.Read<GatewayOptions>();
        gateway.ResolveDns.ShouldBeTrue();
        foreach (var service in ServiceCatalog.All)
            gateway.DestinationsOf(service.Name).ShouldBe([new Uri($"http://{service.Name}:8080")]);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Secrets_come_by_reference_to_those_who_need_them(string name)
    {
        var isGateway = name == Targets.Gateway;
        var secrets = Secrets(name);
        secrets.Contains("mneme-database").ShouldBe(!isGateway);
        secrets.Contains("mneme-broker").ShouldBe(!isGateway);
        secrets.ShouldContain("mneme-telemetry");
        var own = SettingsOf.Secrets.Where(secret => ServiceCatalog.Describe(new ConfigurationBuilder().Build())
            .Any(service => service.Name == name && service.Options.Any(type => Mneme.Platform.Configuration.OptionsType.Of(type).Section == secret.Section))).ToList();
        secrets.Contains($"mneme-{name}").ShouldBe(own.Count > 0, string.Join(", ", own));

        var volumes = Resource(name, "Deployment").List("spec", "template", "spec", "volumes");
        var certificate = volumes.Named("certificate");
        certificate.Text("secret", "secretName").ShouldBe($"mneme-certificate-{name}");
        certificate.List("secret", "items").Select(item => item.Text("path")).ShouldBe(["ca.pem", $"{name}.pem", $"{name}.key"]);
        Container(name).List("volumeMounts").Named("certificate").Text("mountPath").ShouldBe("/certificates");
        volumes.Any(volume => volume.Text("name") == "identity-key").ShouldBe(name == "identity");
        if (name == "identity")
            Container(name).List("volumeMounts").Named("identity-key").Text("mountPath").ShouldBe("/data/keys");
    }

    [Fact]
    public void There_is_a_secret_for_every_secret_setting()
    {
        var services = ServiceCatalog.Describe(new ConfigurationBuilder().Build()).SelectMany(service => service.Options).Select(type => Mneme.Platform.Configuration.OptionsType.Of(type).Section).ToList();
        var brokers = ServiceCatalog.MessagingBackends.Select(backend => backend.Options.Section).ToList();
        foreach (var (section, name) in SettingsOf.Secrets)
        {
            // Consul is not used where there is DNS.
            var isKnown = section is "Database" or "Telemetry" || name.StartsWith("Ask__Consul__", StringComparison.Ordinal) || brokers.Contains(section) || services.Contains(section);
            isKnown.ShouldBeTrue($"{name} is secret: say in KubernetesTarget which secret holds it");
        }
    }

    /// <summary>Both sides of every connection for asking are open exactly where a contract allows to ask.</summary>
    [Fact]
    public void Who_may_connect_to_whom_follows_from_the_contracts()
    {
        var contracts = new[] { typeof(GenerateFlashcards).Assembly, typeof(AskAttribute).Assembly }
            .SelectMany(assembly => assembly.GetTypes()).Select(type => type.GetCustomAttributes(typeof(AskAttribute), inherit: false).Cast<AskAttribute>().SingleOrDefault()).OfType<AskAttribute>().ToList();
        contracts.Count.ShouldBeGreaterThan(2);
        var answering = ServiceCatalog.Describe(new ConfigurationBuilder().Build());
        foreach (var asked in Targets.WithCertificate)
        {
            var answers = answering.SingleOrDefault(service => service.Name == asked)?.Answers.Select(answer => answer.Type.Contract.Name).ToList() ?? [];
            foreach (var asker in Targets.WithCertificate.Where(name => name != asked))
            {
                var mayAsk = contracts.Any(contract => answers.Contains(contract.Name) && (contract.AskedBy is [AskAttribute.EveryService] || contract.AskedBy.Contains(asker)));
                Allows(asked, "ingress", "from", asker, 7443).ShouldBe(mayAsk, $"{asker} asks {asked}: the way in");
                Allows(asker, "egress", "to", asked, 7443).ShouldBe(mayAsk, $"{asker} asks {asked}: the way out");
            }

            if (asked == Targets.Gateway)
                continue;
            Allows(asked, "ingress", "from", Targets.Gateway, 8080).ShouldBeTrue(asked);
            Allows(Targets.Gateway, "egress", "to", asked, 8080).ShouldBeTrue(asked);
            foreach (var other in Targets.WithCertificate.Where(name => name is not Targets.Gateway))
                Allows(asked, "ingress", "from", other, 8080).ShouldBeFalse($"{other} to {asked}");
        }
    }

    [Fact]
    public void Everything_else_is_denied_but_what_each_target_needs()
    {
        var deny = YamlFile.Documents("deploy/kubernetes/network.yaml").Single(policy => policy.Text("metadata", "name") == "deny-by-default");
        deny.At("spec", "podSelector")!.AsObject().Count.ShouldBe(0);
        deny.List("spec", "policyTypes").Select(type => type.ToString()).ShouldBe(["Ingress", "Egress"]);
        deny.At("spec", "ingress").ShouldBeNull();
        foreach (var backend in ServiceCatalog.MessagingBackends)
            KubernetesPolicy.StorePorts.Keys.ShouldContain(backend.Name, "say in KubernetesPolicy at which ports a broker is");
        foreach (var name in Targets.WithCertificate)
        {
            var policy = Resource(name, "NetworkPolicy");
            policy.List("spec", "policyTypes").Select(type => type.ToString()).ShouldBe(["Ingress", "Egress"]);
            policy.List("spec", "egress").Any(rule => PortsOf(rule).Contains(5432)).ShouldBe(name != Targets.Gateway, name);
            policy.List("spec", "ingress").Single(rule => PortsOf(rule).Contains(9090)).Text("from", 0, "namespaceSelector", "matchLabels", "kubernetes.io/metadata.name").ShouldBe("monitoring");
        }
    }

    [Fact]
    public void Who_opens_connections_of_its_own_may_reach_the_outside()
    {
        foreach (var target in DeploymentFilesTests.Catalogue.Where(target => !target.IsGateway))
        {
            var folder = Directory.GetDirectories(Repository.File("src/Services")).Single(path => string.Equals(Path.GetFileName(path), target.Name, StringComparison.OrdinalIgnoreCase));
            var opens = Directory.GetFiles(folder, "*.cs", SearchOption.AllDirectories).Any(file => !file.Contains("/obj/", StringComparison.Ordinal) && Client().IsMatch(File.ReadAllText(file)));
            (target.Outside is not null).ShouldBe(opens, $"say in DeploymentTarget what {target.Name} reaches outside");
        }
    }

    [GeneratedRegex(@"\b(SafeHttpClient|HttpClient|TcpClient|ClientWebSocket)\b")]
    private static partial Regex Client();

    private static void ShouldHaveNoRights(JsonNode pod)
    {
        pod.Text("automountServiceAccountToken").ShouldBe("false");
        pod.Text("enableServiceLinks").ShouldBe("false");
        pod.Text("securityContext", "runAsNonRoot").ShouldBe("true");
        Number(pod, "securityContext", "runAsUser").ShouldBe(KubernetesTarget.UserId);
        Number(pod, "securityContext", "fsGroup").ShouldBe(KubernetesTarget.UserId);
        pod.Text("securityContext", "seccompProfile", "type").ShouldBe("RuntimeDefault");
        var container = pod.List("containers").ShouldHaveSingleItem();
        container.Text("securityContext", "allowPrivilegeEscalation").ShouldBe("false");
        container.Text("securityContext", "readOnlyRootFilesystem").ShouldBe("true");
        container.List("securityContext", "capabilities", "drop").Select(capability => capability.ToString()).ShouldBe(["ALL"]);
        container.At("securityContext", "capabilities", "add").ShouldBeNull();
        container.List("volumeMounts").Select(mount => mount.Text("mountPath")).ShouldContain("/tmp");
        container.List("volumeMounts").Select(mount => mount.Text("mountPath")).ShouldContain("/data");
        container.List("volumeMounts").Select(mount => mount.Text("name")).ShouldBe(pod.List("volumes").Select(volume => volume.Text("name")), ignoreOrder: true);
    }

    private static bool Allows(string target, string direction, string side, string other, int port) => Resource(target, "NetworkPolicy").List("spec", direction)
        .Any(rule => PortsOf(rule).Contains(port) && rule.List(side).Any(peer => peer.List("podSelector", "matchExpressions").Any(expression => expression.List("values").Any(value => value.ToString() == other))));

    private static IEnumerable<int> PortsOf(JsonNode rule) => rule.List("ports").Select(port => (int)Number(port, "port"));

    private static List<string> Secrets(string name) => [.. Container(name).List("envFrom").Select(source => source.At("secretRef", "name")?.ToString()).OfType<string>()];

    private static Dictionary<string, string?> Labels(string name) => new(StringComparer.Ordinal) { ["app.kubernetes.io/name"] = "mneme", ["app.kubernetes.io/component"] = name };

    private static JsonNode Container(string name) => Resource(name, "Deployment").List("spec", "template", "spec", "containers").ShouldHaveSingleItem();

    private static double Number(JsonNode node, params IReadOnlyList<object> path) => double.Parse(node.Text(path), CultureInfo.InvariantCulture);

    private static JsonNode Resource(string name, string kind) => YamlFile.Documents($"deploy/kubernetes/targets/{name}.yaml").Single(resource => resource.Text("kind") == kind);
}
