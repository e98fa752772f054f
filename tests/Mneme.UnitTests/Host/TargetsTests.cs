using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Mneme.Platform.Asking;
using Mneme.Platform.Domain;
using Mneme.Platform.Hosting;
using Mneme.Platform.Messaging;
using Mneme.Platform.Services;

namespace Mneme.UnitTests.Host;

public sealed class TargetsTests
{
    private static readonly AskOptions Nowhere = new();

    private static readonly IReadOnlyList<ServiceDescription> Catalog = Describe(
        new Service("shop", service => service.Publishes<Sold>().Asks<Price>()),
        new Service("ledger", service => service.On<Sold>((Sold _) => Task.CompletedTask)),
        new Service("prices", service => service.Answers<Price, Priced>((Price _) => Task.FromResult<Outcome<Priced>>(new Priced(1)))),
        new Service("alone", _ => { }));

    [Fact]
    public void The_gateway_runs_alone_and_knows_where_identity_is()
    {
        var found = new AskOptions { Addresses = { ["identity"] = "https://10.0.0.5:7443" } };
        var choice = Targets.Choose("gateway", Catalog, "inprocess", found);
        (choice.IsLegal, choice.IsGateway).ShouldBe((true, true));
        Targets.Choose("gateway", Catalog, "inprocess", Nowhere).Refusals.ShouldHaveSingleItem().ShouldContain("Ask__Addresses__identity");
        Targets.Choose("gateway,shop", Catalog, "inprocess", found).Refusals.ShouldHaveSingleItem().ShouldEndWith("--target gateway, without shop.");
        Targets.Choose("all", Catalog, "inprocess", found).Services.ShouldNotContain("gateway");
    }

    [Fact]
    public void All_runs_everything() => Targets.Choose("all", Catalog, "inprocess", Nowhere).Services.ShouldBe(["shop", "ledger", "prices", "alone"]);

    [Fact]
    public void A_service_that_needs_no_other_may_run_alone()
    {
        var choice = Targets.Choose("alone", Catalog, "inprocess", Nowhere);
        choice.IsLegal.ShouldBeTrue();
        choice.Services.ShouldBe(["alone"]);
    }

    [Fact]
    public void Neighbours_that_are_told_heard_or_asked_must_run_too()
    {
        Targets.Choose("shop, ledger , prices", Catalog, "inprocess", Nowhere).IsLegal.ShouldBeTrue();

        Targets.Choose("shop,prices", Catalog, "inprocess", Nowhere).Refusals.ShouldHaveSingleItem().ShouldStartWith("shop publishes test.sold.v1, which ledger reacts to;");
        Targets.Choose("ledger", Catalog, "inprocess", Nowhere).Refusals.ShouldHaveSingleItem().ShouldStartWith("ledger reacts to test.sold.v1, which shop publishes;");
        Targets.Choose("shop,ledger", Catalog, "inprocess", Nowhere).Refusals.ShouldHaveSingleItem().ShouldStartWith("shop asks test.price of prices;");
        Targets.Choose("shop", Catalog, "inprocess", Nowhere).Refusals.Count.ShouldBe(2);
    }

    [Fact]
    public void With_a_broker_events_find_their_way_and_so_what_asks_nobody_may_run_anywhere()
    {
        Targets.Choose("ledger", Catalog, "rabbitmq", Nowhere).IsLegal.ShouldBeTrue();
        Targets.Choose("shop,prices", Catalog, "rabbitmq", Nowhere).IsLegal.ShouldBeTrue();
        Targets.Choose("all", Catalog, "rabbitmq", Nowhere).IsLegal.ShouldBeTrue();
    }

    [Fact]
    public void Who_is_asked_elsewhere_must_be_found_and_who_is_asked_from_elsewhere_must_listen()
    {
        Targets.Choose("shop", Catalog, "rabbitmq", Nowhere).Refusals.ShouldHaveSingleItem()
            .ShouldBe("shop asks test.price of prices, which runs elsewhere: say where with Ask__Addresses__prices=https://HOST:PORT, or how to find it with Ask__Discovery.");
        Targets.Choose("prices", Catalog, "rabbitmq", Nowhere).Refusals.ShouldHaveSingleItem()
            .ShouldBe("shop asks test.price of prices, and it runs elsewhere: choose a port with Ask__Port, on which it asks.");

        var known = new AskOptions { Addresses = { ["prices"] = "https://10.0.0.5:7443" } };
        Targets.Choose("shop", Catalog, "rabbitmq", known).IsLegal.ShouldBeTrue();
        Targets.Choose("shop", Catalog, "inprocess", known).IsLegal.ShouldBeFalse("its events have no way");
        Targets.Choose("shop", Catalog, "rabbitmq", new AskOptions { Discovery = AskDiscovery.Dns }).IsLegal.ShouldBeTrue();
        Targets.Choose("prices,alone", Catalog, "rabbitmq", new AskOptions { Port = 7443 }).IsLegal.ShouldBeTrue();
        Targets.Choose("all", Catalog, "rabbitmq", new AskOptions { Addresses = { ["prizes"] = "https://10.0.0.5:7443" } }).Refusals.ShouldHaveSingleItem()
            .ShouldBe("Ask__Addresses__prizes: there is no service 'prizes'. There are: shop, ledger, prices, alone.");
    }

    [Fact]
    public void Over_a_broker_nobody_needs_an_address_and_a_broker_that_carries_no_asks_is_refused()
    {
        var over = new AskOptions { Transport = AskTransport.Broker };
        foreach (var target in (string[])["shop", "prices", "alone", "all", "gateway"])
        {
            Targets.Choose(target, Catalog, "rabbitmq", over).IsLegal.ShouldBeTrue(target);
            Targets.Choose(target, Catalog, "redis", over).IsLegal.ShouldBeTrue(target);
            foreach (var backend in (string[])["inprocess", "kafka"])
            {
                Targets.Choose(target, Catalog, backend, over).Refusals.ShouldHaveSingleItem()
                    .ShouldBe($"Ask__Transport=Broker: asks cannot travel over Messaging__Backend={backend}. Set Ask__Transport=Http, or choose one of rabbitmq, redis.");
            }
        }
    }

    [Theory]
    [InlineData("shopp", "There is no target 'shopp'. There are: all, shop, ledger, prices, alone, gateway.")]
    [InlineData("", "No target is named.")]
    [InlineData(" , ", "No target is named.")]
    public void A_wrong_name_is_refused_with_those_there_are(string target, string refusal) =>
        Targets.Choose(target, Catalog, "inprocess", Nowhere).Refusals.ShouldHaveSingleItem().ShouldStartWith(refusal);

    [Fact]
    public void Of_the_real_services_only_all_is_legal_without_a_broker_and_every_event_has_a_publisher()
    {
        var catalog = ServiceCatalog.Describe(new ConfigurationBuilder().Build());
        Targets.Choose("all", catalog, "inprocess", Nowhere).IsLegal.ShouldBeTrue();
        foreach (var service in catalog.Where(service => Targets.Needs(service, catalog).Any()))
            Targets.Choose(service.Name, catalog, "inprocess", Nowhere).IsLegal.ShouldBeFalse(service.Name);

        var published = catalog.SelectMany(service => service.Publishes).ToHashSet();
        catalog.SelectMany(service => service.Subscriptions).Select(subscription => subscription.Type).ShouldAllBe(type => published.Contains(type));
        var answered = catalog.SelectMany(service => service.Answers).Select(answer => answer.Type).ToHashSet();
        catalog.SelectMany(service => service.Asks).ShouldAllBe(asked => answered.Contains(asked));
    }

    [Fact]
    public void All_services_together_stay_far_below_the_servers_connections() =>
        ServiceCatalog.Describe(new ConfigurationBuilder().Build()).Sum(service => service.PoolSize)
            .ShouldBeLessThanOrEqualTo(Mneme.Platform.Persistence.Cluster.PrivateClusterOptions.MaxConnections * 3 / 4);

    private static IReadOnlyList<ServiceDescription> Describe(params IService[] services) =>
        [.. services.Select(service => PlatformHosting.Describe(service, new ServiceCollection(), new ConfigurationBuilder().Build(), complete: null))];

    [Event("test.sold", 1, Topic = "test-events")]
    private sealed record Sold : IIntegrationEvent
    {
        Guid IIntegrationEvent.PartitionKey => Guid.Empty;
    }

    [Ask("test.price", AnsweredBy = "prices", AskedBy = ["shop"])]
    private sealed record Price : IAsk<Priced>;

    private sealed record Priced(int Amount);

    private sealed class Service(string name, Action<ServiceBuilder> describe) : IService
    {
        public string Name => name;

        public void Describe(ServiceBuilder service) => describe(service);
    }
}
