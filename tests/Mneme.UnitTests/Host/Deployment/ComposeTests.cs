using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;
using Mneme.Cli;
using Mneme.Deployment;
using Mneme.Gateway;
using Mneme.Platform.Asking;
using Mneme.Platform.Http;

namespace Mneme.UnitTests.Host.Deployment;

public sealed partial class ComposeTests
{
    private static readonly JsonNode Compose = YamlFile.Documents("deploy/compose.yaml").ShouldHaveSingleItem();

    private static readonly Dictionary<string, string> Variables = File.ReadAllLines(Repository.File("deploy/.env.example"))
        .Where(line => line.Length > 0 && !line.StartsWith('#')).Select(line => line.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1], StringComparer.Ordinal);

    public static TheoryData<string> Names => [.. Targets.WithCertificate];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_target_has_a_container_with_a_version_of_its_own(string name)
    {
        var service = Service(name);
        service.List("command").Select(argument => argument.ToString()).ShouldBe(["serve", "--target", name, "--quiet"]);
        service.Text("image").ShouldContain($"${{{name.ToUpperInvariant()}_VERSION:-");
        Interpolate(service.Text("image")).ShouldBe($"mneme:{ComposeServices.Version}");
        service.List("healthcheck", "test").Select(word => word.ToString()).ShouldBe(["CMD", "/opt/mneme/bin/healthcheck", "ready"]);
        service.Text("read_only").ShouldBe("true");
        service.List("cap_drop").Select(capability => capability.ToString()).ShouldBe(["ALL"]);
        service.List("security_opt").Select(option => option.ToString()).ShouldBe(["no-new-privileges:true"]);
        service.List("tmpfs").Select(mount => mount.ToString().Split(':')[0]).ShouldBe(name == "identity" ? ["/tmp"] : ["/tmp", "/data"]);
        service.List("volumes").Any(volume => volume.ToString() == "identity-data:/data").ShouldBe(name == "identity", "its key outlives the container");
        service.List("volumes").Select(volume => volume.ToString()).ShouldContain($"certificate-{name}:/certificates:ro");
        TimeSpan.FromSeconds(double.Parse(service.Text("stop_grace_period").TrimEnd('s'), CultureInfo.InvariantCulture)).ShouldBeGreaterThan(CommandLine.ShutdownLimit);
        service.Text("depends_on", "certificates", "condition").ShouldBe("service_healthy");
        if (name != Targets.Gateway)
            service.Text("depends_on", "migrate", "condition").ShouldBe("service_completed_successfully");
        (service.At("ports") is null).ShouldBe(name != Targets.Gateway, "people come in by the gateway only");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_target_runs_with_the_settings_it_is_given(string name)
    {
        var environment = Service(name).Map("environment");
        var configuration = SettingsOf.ShouldRun(name, environment.Where(setting => setting.Value is not null).Select(setting => KeyValuePair.Create(setting.Key, (string?)Interpolate(setting.Value!))));

        foreach (var secret in DeploymentFilesTests.Catalogue.Single(target => target.Name == name).Secrets)
        {
            environment.Keys.ShouldContain(secret);
            environment[secret].ShouldBeNull("it is passed on from the environment");
        }

        configuration.Read<AskOptions>().DnsPattern.ShouldBe("{service}", "the services' names on Docker's network");
        if (name == Targets.Gateway)
        {
            environment.Keys.ShouldNotContain("Database__Url");
            configuration.Read<HttpOptions>().TrustedProxies.ShouldBeEmpty("people come from any address, and nobody is believed about theirs unless it is configured");
            foreach (var service in ServiceCatalog.All)
                configuration.Read<GatewayOptions>().DestinationsOf(service.Name).ShouldBe([new Uri($"http://{service.Name}:{new HttpOptions().Port}")]);
        }
        else
        {
            configuration.Read<AskOptions>().Port.ShouldBe(configuration.Read<AskOptions>().DnsPort);
        }
    }

    [Fact]
    public void Everything_around_the_targets_is_there_and_pinned()
    {
        var services = Compose.At("services")!.AsObject();
        services.Select(service => service.Key).ShouldBe(
            [.. Targets.WithCertificate, "migrate", "certificates", "postgres", "rabbitmq", "redis", "prometheus", "grafana", "loki", "alloy", "mailpit"], ignoreOrder: true);
        foreach (var (name, node) in services)
        {
            var service = node!;
            Pinned().IsMatch(Interpolate(service.Text("image"))).ShouldBeTrue($"{name} has an image of an exact version, not {service.Text("image")}");
            service.Text("restart").ShouldNotBeEmpty();
            service.List("security_opt").Select(option => option.ToString()).ShouldBe(["no-new-privileges:true"], name);
            // What is not the gateway's is for whoever sits at the machine.
            if (name != Targets.Gateway)
                service.List("ports").ShouldAllBe(port => port.ToString().StartsWith("127.0.0.1:", StringComparison.Ordinal), name);
        }
    }

    [Fact]
    public void What_is_mounted_exists_and_every_volume_is_declared()
    {
        var declared = Compose.At("volumes")!.AsObject().Select(volume => volume.Key).ToList();
        foreach (var (name, service) in Compose.At("services")!.AsObject())
        {
            foreach (var source in service!.List("volumes").Select(volume => Interpolate(volume.ToString()).Split(':')[0]))
            {
                if (source.StartsWith("./", StringComparison.Ordinal))
                    Path.Exists(Repository.File("deploy/" + source)).ShouldBeTrue($"{name}: deploy/{source}");
                else if (!source.StartsWith('/'))
                    declared.ShouldContain(source, name);
            }
        }

        Service("certificates").List("volumes").Select(volume => volume.ToString())
            .ShouldBe(["authority:/authority", .. Targets.WithCertificate.Select(name => $"certificate-{name}:/certificates/{name}")], ignoreOrder: true);
    }

    [Fact]
    public void The_database_has_room_for_the_connections_of_three_replicas_of_each_service()
    {
        var limit = int.Parse(Service("postgres").List("command").Select(word => word.ToString()).Single(word => word.StartsWith("max_connections=", StringComparison.Ordinal)).Split('=')[1], CultureInfo.InvariantCulture);
        limit.ShouldBeGreaterThan(3 * ServiceCatalog.Describe(new ConfigurationBuilder().Build()).Sum(service => service.PoolSize));
    }

    [Fact]
    public void Prometheus_finds_every_replica_of_every_target()
    {
        var scrape = YamlFile.Documents("deploy/monitoring/prometheus.yml").ShouldHaveSingleItem().List("scrape_configs").Single(job => job.Text("job_name") == "mneme");
        scrape.List("dns_sd_configs", 0, "names").Select(name => name.ToString()).ShouldBe(Targets.WithCertificate, ignoreOrder: true);
        scrape.Text("dns_sd_configs", 0, "port").ShouldBe($"{new HttpOptions().ManagementPort}");
        scrape.Text("relabel_configs", 0, "target_label").ShouldBe("target", "metrics have labels named service already");
    }

    [Fact]
    public void Alloy_knows_the_installations_logs_by_the_tag_that_they_are_given()
    {
        foreach (var (name, service) in Compose.At("services")!.AsObject())
            service!.Text("logging", "options", "tag").ShouldBe("mneme/{{.Name}}", name);
        var alloy = File.ReadAllText(Repository.File("deploy/monitoring/config.alloy"));
        alloy.ShouldContain("\"^mneme/(?P<container>.+)$\"");
        alloy.ShouldContain("/var/log/containers/*/*-json.log");
        Service("alloy").List("volumes").Select(volume => volume.ToString()).ShouldContain(volume => volume.EndsWith(":/var/log/containers:ro", StringComparison.Ordinal));
    }

    [GeneratedRegex(@"^[a-z0-9./-]+:v?[0-9]+\.[0-9]+(\.[0-9]+)?(-[a-z]+)?$")]
    private static partial Regex Pinned();

    [GeneratedRegex(@"\$\{([A-Za-z_]+)(?::([-?])([^}]*))?\}")]
    private static partial Regex Variable();

    private static JsonNode Service(string name) => Compose.At("services", name) ?? throw new ShouldAssertException($"deploy/compose.yaml has no service {name}");

    /// <summary>As Compose does it, with the example's values.</summary>
    private static string Interpolate(string text) => Variable().Replace(text, match => Variables.GetValueOrDefault(match.Groups[1].Value) ?? (match.Groups[2].Value == "-"
        ? match.Groups[3].Value
        : throw new ShouldAssertException($"{match.Groups[1].Value} is not in deploy/.env.example")));
}
