using Microsoft.Extensions.Configuration;
using Mneme.Platform.Asking;
using Mneme.Platform.Configuration;
using Mneme.Platform.Persistence;
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

        var processes = SplitPlan.Of(catalog, new SplitOptions(), publicPort: 8080, common, AskTransport.Http, () => port++);

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
    public void A_service_with_several_instances_is_found_at_all_of_them()
    {
        var catalog = ServiceCatalog.Describe(new ConfigurationBuilder().Build());
        var port = 20000;
        var options = new SplitOptions { Instances = { ["all"] = "2", ["study"] = "3" } };

        var processes = SplitPlan.Of(catalog, options, publicPort: 8080, new Dictionary<string, string?>(StringComparer.Ordinal), AskTransport.Http, () => port++);

        processes.Count(process => process.Target == "study").ShouldBe(3);
        processes.Count(process => process.Target == "gateway").ShouldBe(1);
        processes.Count.ShouldBe(2 * catalog.Count + 2);
        processes.Select(process => process.Name).ShouldBeUnique();
        processes.Where(process => process.Target == "study").Select(process => process.Name).ShouldBe(["study", "study-2", "study-3"]);
        var study = processes.Where(process => process.Target == "study").ToList();
        study.ShouldAllBe(process => !process.Settings.ContainsKey("Ask__Addresses__study"));
        foreach (var process in processes.Where(process => process.Target != "study"))
            process.Settings["Ask__Addresses__study"].ShouldBe(string.Join(',', study.Select(instance => $"https://127.0.0.1:{instance.Settings["Ask__Port"]}")));
        processes[^1].Settings["Gateway__Destinations__study"].ShouldBe(string.Join(',', study.Select(instance => $"http://127.0.0.1:{instance.Port}")));
        SplitPlan.Connections(catalog, options, new DatabaseOptions()).ShouldBeGreaterThan(catalog.Sum(service => service.PoolSize * options.InstancesOf(service.Name)));
        SplitPlan.Connections(catalog, options, new DatabaseOptions { PoolSize = 30 }).ShouldBe(30 * (2 * catalog.Count + 1) * 4 / 3);
        SplitPlan.Connections(catalog, new SplitOptions(), new DatabaseOptions()).ShouldBe(200, "what one process of each needs");
    }

    [Theory]
    [InlineData("0")]
    [InlineData("17")]
    [InlineData("many")]
    public void A_number_of_processes_that_makes_no_sense_is_refused(string count)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new("Split:Instances:study", count)]).Build();

        ConfigurationCheck.Run(configuration, ServiceCatalog.OptionsTypes(configuration)).ShouldBe([$"Split__Instances__study: '{count}' is not a number of processes from 1 to 16."]);
    }

    [Fact]
    public void Over_the_broker_nobody_listens_for_asks_and_nobody_is_told_where()
    {
        var port = 20000;
        var processes = SplitPlan.Of(
            ServiceCatalog.Describe(new ConfigurationBuilder().Build()), new SplitOptions(), publicPort: 8080, new Dictionary<string, string?>(StringComparer.Ordinal), AskTransport.Broker, () => port++);
        processes.SelectMany(process => process.Settings.Keys).ShouldNotContain(name => name.StartsWith("Ask__Addresses__", StringComparison.Ordinal));
        processes.SkipLast(1).ShouldAllBe(process => process.Settings["Ask__Port"] == "-1");
    }
}
