using Microsoft.Extensions.Configuration;
using Mneme.Platform.Asking;
using Mneme.Split;

namespace Mneme.UnitTests.Host;

public sealed class SplitPlanTests
{
    [Fact]
    public void Every_service_and_the_gateway_get_a_process_that_finds_the_others()
    {
        var catalog = ServiceCatalog.Describe(new ConfigurationBuilder().Build());
        var port = 20000;
        var common = new Dictionary<string, string?>(StringComparer.Ordinal) { ["Database__Url"] = "Host=/run/db" };

        var processes = SplitPlan.Of(catalog, publicPort: 8080, common, AskTransport.Http, () => port++);

        processes.Select(process => process.Target).ShouldBe([.. catalog.Select(service => service.Name), "gateway"]);
        processes.ShouldAllBe(process => process.Settings["Database__Url"] == "Host=/run/db");
        processes.Select(process => process.Port).Distinct().Count().ShouldBe(processes.Count);
        var ports = processes.SelectMany(process => new[] { process.Settings.GetValueOrDefault("Http__Port"), process.Settings.GetValueOrDefault("Ask__Port"), process.Settings.GetValueOrDefault("Http__ManagementPort") })
            .OfType<string>().ToList();
        ports.Distinct().Count().ShouldBe(ports.Count, "no two listeners share a port");
        foreach (var process in processes)
        {
            foreach (var other in processes.Where(other => other.Target is not "gateway" && other.Target != process.Target))
                process.Settings[$"Ask__Addresses__{other.Target}"].ShouldBe($"https://127.0.0.1:{other.Settings["Ask__Port"]}");
        }

        var gateway = processes[^1];
        gateway.Port.ShouldBe(8080);
        foreach (var service in processes.SkipLast(1))
            gateway.Settings[$"Gateway__Destinations__{service.Target}"].ShouldBe($"http://127.0.0.1:{service.Port}");
    }

    [Fact]
    public void Over_the_broker_nobody_listens_for_asks_and_nobody_is_told_where()
    {
        var port = 20000;
        var processes = SplitPlan.Of(
            ServiceCatalog.Describe(new ConfigurationBuilder().Build()), publicPort: 8080, new Dictionary<string, string?>(StringComparer.Ordinal), AskTransport.Broker, () => port++);
        processes.SelectMany(process => process.Settings.Keys).ShouldNotContain(name => name.StartsWith("Ask__Addresses__", StringComparison.Ordinal));
        processes.SkipLast(1).ShouldAllBe(process => process.Settings["Ask__Port"] == "-1");
    }
}
