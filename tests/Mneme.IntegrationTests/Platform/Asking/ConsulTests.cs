using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Mneme.IntegrationTests.Support;
using Mneme.Platform.Asking;
using Mneme.Platform.Observability;

namespace Mneme.IntegrationTests.Platform.Asking;

/// <summary>Services find each other through Consul's HTTP API.</summary>
public sealed class ConsulTests : IDisposable
{
    private readonly TestCertificates _certificates = new();

    [Fact]
    public async Task Services_register_when_they_are_ready_find_each_other_and_go()
    {
        await using var consul = await ConsulStandIn.StartAsync();
        var prices = await StartAsync(consul, new Prices());
        await using var shop = await StartAsync(consul, new Shop());

        await Eventually.TrueAsync(async () => (await shop.AskAsync("shop", new PriceOf("apple"))).Value is not null, "the shop finds the prices");
        var registered = consul.Services.Single(service => service["Name"]!.GetValue<string>() == "mneme-prices");
        registered["Port"]!.GetValue<int>().ShouldBe(prices.Address.Port);
        registered["Address"]!.GetValue<string>().ShouldBe("127.0.0.1");
        registered["Check"]!["TTL"]!.GetValue<string>().ShouldBe("1000ms");
        registered["Check"]!["DeregisterCriticalServiceAfter"]!.GetValue<string>().ShouldBe("60000ms");

        // The public API has a name of its own: nobody who asks must be sent there.
        var api = consul.Services.Single(service => service["Name"]!.GetValue<string>() == "mneme-prices-http");
        api["Port"]!.GetValue<int>().ShouldBe(prices.PublicAddress.Port);
        api["Address"]!.GetValue<string>().ShouldBe("127.0.0.1");
        api["Check"]!["TTL"]!.GetValue<string>().ShouldBe("1000ms");

        await prices.DisposeAsync();
        consul.Services.Select(service => service["Name"]!.GetValue<string>()).ShouldBe(["mneme-shop", "mneme-shop-http"], ignoreOrder: true);
        await Eventually.TrueAsync(async () => (await shop.AskAsync("shop", new PriceOf("apple"))).Problem is not null, "there is nobody to ask any more");
    }

    [Fact]
    public async Task A_process_that_is_not_ready_is_not_found()
    {
        await using var consul = await ConsulStandIn.StartAsync();
        var isReady = false;
        await using var prices = await AskNode.StartAsync(
            _certificates, [new Prices()], customize: builder => builder.Services.AddSingleton(new Dependency("something", _ => isReady ? Task.CompletedTask : throw new InvalidOperationException("not yet"))),
            settings: Settings(consul));
        await Eventually.TrueAsync(() => Task.FromResult(consul.Services.Count == 2), "it is registered");
        consul.Services.ShouldAllBe(service => service["Check"]!["Status"]!.GetValue<string>() == "critical");
        using var client = Client(consul);
        (await client.HealthyAsync("mneme-prices", "https", 0, TimeSpan.FromSeconds(1), CancellationToken.None)).Instances.ShouldBeEmpty();

        isReady = true;
        await Eventually.TrueAsync(async () => (await client.HealthyAsync("mneme-prices", "https", 0, TimeSpan.FromSeconds(1), CancellationToken.None)).Instances.Count == 1, "it is ready");
    }

    [Fact]
    public async Task A_process_that_stops_is_taken_away_while_it_still_takes_requests()
    {
        await using var consul = await ConsulStandIn.StartAsync();
        await using var prices = await AskNode.StartAsync(_certificates, [new Prices()], settings: [.. Settings(consul), ("Http:DrainDelay", "00:00:25")]);
        await Eventually.TrueAsync(() => Task.FromResult(consul.Services.Count == 2), "it is registered");
        using var client = new HttpClient { BaseAddress = prices.PublicAddress };

        using var patience = new CancellationTokenSource();
        var stopping = prices.StopAsync(patience.Token);
        await Eventually.TrueAsync(() => Task.FromResult(consul.Services.Count == 0), "it is taken away");
        (await client.GetAsync("/health/live")).StatusCode.ShouldBe(HttpStatusCode.OK);
        await patience.CancelAsync();
        await stopping.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
    }

    [Fact]
    public async Task Tags_are_told_and_an_api_on_every_interface_is_at_the_address_of_consuls_node()
    {
        await using var consul = await ConsulStandIn.StartAsync();
        await using var prices = await AskNode.StartAsync(_certificates, [new Prices()], settings: [.. Settings(consul), ("Http:Bind", "0.0.0.0"), ("Ask:Consul:Tags", "blue, canary")]);
        await Eventually.TrueAsync(() => Task.FromResult(consul.Services.Count == 2), "it is registered");
        consul.Services.ShouldAllBe(service => service["Tags"]!.AsArray().Select(tag => tag!.GetValue<string>()).SequenceEqual(new[] { "blue", "canary" }));
        consul.Services.Single(service => service["Name"]!.GetValue<string>() == "mneme-prices-http").ContainsKey("Address").ShouldBeFalse();
        using var client = Client(consul);
        (await client.HealthyAsync("mneme-prices-http", "http", 0, TimeSpan.FromSeconds(1), CancellationToken.None)).Instances
            .ShouldBe([new ConsulInstance(new Uri($"http://127.0.0.1:{prices.PublicAddress.Port}"), IsCanary: true)]);
    }

    [Fact]
    public async Task An_agent_that_has_forgotten_everything_is_told_again_and_its_index_may_begin_anew()
    {
        await using var consul = await ConsulStandIn.StartAsync();
        await using var prices = await StartAsync(consul, new Prices());
        await using var shop = await StartAsync(consul, new Shop());
        await Eventually.TrueAsync(async () => (await shop.AskAsync("shop", new PriceOf("apple"))).Value is not null, "the shop finds the prices");

        consul.Forget();
        await Eventually.TrueAsync(() => Task.FromResult(consul.Services.Count == 4), "both are registered again");
        await Eventually.TrueAsync(async () => (await shop.AskAsync("shop", new PriceOf("apple"))).Value is not null, "the shop finds the prices again");
    }

    [Fact]
    public async Task While_consul_is_away_what_it_said_last_holds()
    {
        await using var consul = await ConsulStandIn.StartAsync();
        using var client = Client(consul);
        using var discovery = Discovery(client);
        consul.Add("mneme-prices", new Uri("https://10.0.0.5:7443"));
        (await discovery.FindAsync("prices", CancellationToken.None)).ShouldBe([new Uri("https://10.0.0.5:7443")]);

        consul.IsDown = true;
        await Eventually.TrueAsync(() =>
        {
            consul.WakeForNothing();
            return Task.FromResult(consul.Failures > 0);
        }, "it has noticed");
        consul.Remove("mneme-prices");
        consul.Add("mneme-prices", new Uri("https://10.0.0.6:7443"));
        (await discovery.FindAsync("prices", CancellationToken.None)).ShouldBe([new Uri("https://10.0.0.5:7443")]);
        consul.IsDown = false;
        await Eventually.TrueAsync(async () => (await discovery.FindAsync("prices", CancellationToken.None)) is [{ Host: "10.0.0.6" }], "it is followed again");
    }

    [Fact]
    public async Task Changes_arrive_by_blocking_queries_and_not_by_asking_all_the_time()
    {
        await using var consul = await ConsulStandIn.StartAsync();
        using var client = Client(consul);
        using var discovery = Discovery(client);
        (await discovery.FindAsync("prices", CancellationToken.None)).ShouldBeEmpty();
        await Eventually.TrueAsync(() => Task.FromResult(consul.Queries == 2), "it waits for a change");
        consul.WakeForNothing();
        await Eventually.TrueAsync(() => Task.FromResult(consul.Queries == 3), "it waits on");

        consul.Add("mneme-prices", new Uri("https://10.0.0.5:7443"));
        await Eventually.TrueAsync(async () => (await discovery.FindAsync("prices", CancellationToken.None)).Count == 1, "the change arrives");
        consul.Add("mneme-prices", new Uri("https://10.0.0.6:7443"));
        await Eventually.TrueAsync(async () => (await discovery.FindAsync("prices", CancellationToken.None)).Count == 2, "the change arrives");
        consul.Queries.ShouldBeLessThan(8);
    }

    [Fact]
    public async Task A_wrong_token_and_an_agent_that_is_not_there_leave_nothing_known_and_nothing_broken()
    {
        await using var consul = await ConsulStandIn.StartAsync();
        consul.Add("mneme-prices", new Uri("https://10.0.0.5:7443"));
        using (var client = new ConsulClient(new ConsulOptions { Url = consul.Url, Token = "guess" }))
        using (var discovery = Discovery(client))
            (await discovery.FindAsync("prices", CancellationToken.None)).ShouldBeEmpty();
        using (var client = new ConsulClient(new ConsulOptions { Url = new Uri("http://127.0.0.1:1") }))
        using (var discovery = Discovery(client))
            (await discovery.FindAsync("prices", CancellationToken.None)).ShouldBeEmpty();

        await using var prices = await AskNode.StartAsync(_certificates, [new Prices()], settings: [.. Settings(consul), ("Ask:Consul:Url", "http://127.0.0.1:1")]);
        await Eventually.TrueAsync(() => Task.FromResult(prices.Log.Any(line => line.Contains("Consul could not be told of prices", StringComparison.Ordinal))), "it says so");
    }

    public void Dispose() => _certificates.Dispose();

    private Task<AskNode> StartAsync(ConsulStandIn consul, Mneme.Platform.Services.IService service) => AskNode.StartAsync(_certificates, [service], settings: Settings(consul));

    private static (string, string)[] Settings(ConsulStandIn consul) =>
        [("Ask:Discovery", "consul"), ("Ask:Consul:Url", consul.Url.ToString()), ("Ask:Consul:Token", ConsulStandIn.Token), ("Ask:Consul:Ttl", "00:00:01")];

    private static ConsulClient Client(ConsulStandIn consul) => new(new ConsulOptions { Url = consul.Url, Token = ConsulStandIn.Token });

    private static ConsulDiscovery Discovery(ConsulClient client) => new(client, new AskOptions(), NullLogger<ConsulWatch>.Instance);
}
