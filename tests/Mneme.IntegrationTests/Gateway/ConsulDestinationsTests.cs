using System.Net;
using System.Net.Http.Json;
using Mneme.IntegrationTests.Identity;
using Mneme.IntegrationTests.Platform.Asking;
using Mneme.IntegrationTests.Support;

namespace Mneme.IntegrationTests.Gateway;

/// <summary>The gateway finds its destinations in Consul, and follows what changes there.</summary>
public sealed class ConsulDestinationsTests : IDisposable
{
    private const string Edge = "mneme-edge-http";

    private readonly TestTokens _tokens = new();
    private readonly TestCertificates _certificates = new(services: EdgeService.ServiceName);

    [Fact]
    public async Task An_instance_that_registers_gets_requests_and_one_that_stops_gets_none_and_no_request_fails()
    {
        await using var consul = await ConsulStandIn.StartAsync();
        var one = await RegisteredAsync(consul, "one");
        await using var gateway = await GatewayAsync(consul);
        using var client = gateway.Anonymous();
        // The gateway takes requests when it knows where they go.
        (await InstanceAsync(client)).ShouldBe("one");

        await using var two = await RegisteredAsync(consul, "two");
        await Eventually.TrueAsync(async () => await InstanceAsync(client) == "two", "the second one gets requests");

        using var enough = new CancellationTokenSource();
        var load = Enumerable.Range(0, 4).Select(_ => LoadAsync(gateway, enough.Token)).ToList();
        await one.DisposeAsync();
        await Eventually.TrueAsync(async () => (await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => InstanceAsync(client)))).All(instance => instance == "two"), "the first one gets no requests any more");
        await enough.CancelAsync();
        (await Task.WhenAll(load)).Sum().ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task Requests_under_way_end_where_they_began()
    {
        await using var consul = await ConsulStandIn.StartAsync();
        await using var one = await EdgeInstance.StartAsync(_tokens, "one");
        await using var two = await EdgeInstance.StartAsync(_tokens, "two");
        consul.Add(Edge, one.Address);
        await using var gateway = await GatewayAsync(consul);
        using var client = gateway.Anonymous();
        using var stream = await client.GetAsync("/api/v1/edge/stream", HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await stream.Content.ReadAsStreamAsync());
        (await reader.ReadLineAsync()).ShouldBe("data: first");

        consul.Add(Edge, two.Address);
        consul.Remove(Edge, one.Address);
        await Eventually.TrueAsync(async () => (await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => InstanceAsync(client)))).All(instance => instance == "two"), "the first one gets nothing new");
        one.Gate.Opened.SetResult();
        (await reader.ReadToEndAsync()).ShouldContain("data: second");
    }

    [Fact]
    public async Task While_consul_is_away_the_last_destinations_stay()
    {
        await using var consul = await ConsulStandIn.StartAsync();
        await using var one = await EdgeInstance.StartAsync(_tokens, "one");
        await using var two = await EdgeInstance.StartAsync(_tokens, "two");
        consul.Add(Edge, one.Address);
        await using var gateway = await GatewayAsync(consul);
        using var client = gateway.Anonymous();
        (await InstanceAsync(client)).ShouldBe("one");

        consul.IsDown = true;
        await Eventually.TrueAsync(() =>
        {
            consul.WakeForNothing();
            return Task.FromResult(consul.Failures > 1);
        }, "the gateway has noticed");
        consul.Add(Edge, two.Address);
        consul.Remove(Edge, one.Address);
        (await InstanceAsync(client)).ShouldBe("one");
        (await client.GetAsync("/health/ready")).StatusCode.ShouldBe(HttpStatusCode.OK);

        consul.IsDown = false;
        await Eventually.TrueAsync(async () => await InstanceAsync(client) == "two", "it is followed again");
        consul.Remove(Edge);
        await Eventually.TrueAsync(async () => (await client.GetAsync("/api/v1/edge/told")).StatusCode == HttpStatusCode.ServiceUnavailable, "nobody is left");
    }

    [Fact]
    public async Task Without_consul_the_gateway_starts_and_is_not_ready_until_it_knows()
    {
        await using var consul = await ConsulStandIn.StartAsync();
        consul.IsDown = true;
        await using var one = await EdgeInstance.StartAsync(_tokens, "one");
        consul.Add(Edge, one.Address);
        await using var gateway = await GatewayAsync(consul);
        using var client = gateway.Anonymous();
        var refused = await client.GetAsync("/api/v1/edge/told");
        (refused.StatusCode, await refused.CodeAsync()).ShouldBe((HttpStatusCode.ServiceUnavailable, "service-unavailable"));
        (await client.GetAsync("/health/ready")).StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        (await client.GetAsync("/health/live")).StatusCode.ShouldBe(HttpStatusCode.OK);

        consul.IsDown = false;
        await Eventually.TrueAsync(async () => (await client.GetAsync("/health/ready")).StatusCode == HttpStatusCode.OK, "Consul has answered");
        (await InstanceAsync(client)).ShouldBe("one");
    }

    [Fact]
    public async Task An_instance_with_the_tag_canary_gets_its_share_of_the_people()
    {
        await using var consul = await ConsulStandIn.StartAsync();
        await using var stable = await EdgeInstance.StartAsync(_tokens, "stable");
        await using var canary = await EdgeInstance.StartAsync(_tokens, "canary");
        consul.Add(Edge, stable.Address);
        consul.Add(Edge, canary.Address, "blue", "canary");
        await using (var unweighted = await GatewayAsync(consul))
            (await VersionsAsync(unweighted)).ShouldAllBe(version => version == "stable");

        await using var gateway = await GatewayAsync(consul, ("Gateway:CanaryWeight:edge", "50"));
        var versions = await VersionsAsync(gateway);
        versions.Count(version => version == "canary").ShouldBeInRange(8, 32);
        (await VersionsAsync(gateway)).ShouldBe(versions);
    }

    [Fact]
    public async Task A_configured_canary_that_is_found_as_well_gets_its_share_and_no_more()
    {
        await using var consul = await ConsulStandIn.StartAsync();
        await using var stable = await EdgeInstance.StartAsync(_tokens, "stable");
        await using var canary = await EdgeInstance.StartAsync(_tokens, "canary");
        consul.Add(Edge, stable.Address);
        consul.Add(Edge, canary.Address);
        await using var gateway = await GatewayAsync(consul, ("Gateway:Canary:edge", canary.Address.ToString()), ("Gateway:CanaryWeight:edge", "0"));
        (await VersionsAsync(gateway)).ShouldAllBe(version => version == "stable");
    }

    [Fact]
    public async Task Health_is_still_asked_for_and_is_not_forgotten_when_others_come()
    {
        await using var consul = await ConsulStandIn.StartAsync();
        await using var one = await EdgeInstance.StartAsync(_tokens, "one");
        await using var two = await EdgeInstance.StartAsync(_tokens, "two");
        await using var moody = await Moody.StartAsync(one.Address);
        moody.IsReady = false;
        consul.Add(Edge, one.Address);
        consul.Add(Edge, moody.Address);
        await using var gateway = await GatewayAsync(consul, ("Gateway:HealthInterval", "00:00:00.100"));
        using var client = gateway.Anonymous();
        await Eventually.TrueAsync(async () =>
        {
            var before = moody.Requests;
            for (var i = 0; i < 20; i++)
                await InstanceAsync(client);
            return moody.Requests == before;
        }, "the one that is not ready gets no requests");

        var requests = moody.Requests;
        consul.Add(Edge, two.Address);
        await Eventually.TrueAsync(async () => await InstanceAsync(client) == "two", "another one comes");
        for (var i = 0; i < 20; i++)
            await InstanceAsync(client);
        moody.Requests.ShouldBe(requests);
    }

    [Fact]
    public async Task What_is_configured_goes_first()
    {
        await using var consul = await ConsulStandIn.StartAsync();
        await using var one = await EdgeInstance.StartAsync(_tokens, "one");
        consul.Add(Edge, new Uri("http://127.0.0.1:1"));
        await using var gateway = await GatewayAsync(consul, ("Gateway:Destinations:edge", one.Address.ToString()));
        using var client = gateway.Anonymous();
        (await InstanceAsync(client)).ShouldBe("one");
        consul.Queries.ShouldBe(0);
    }

    public void Dispose() => _certificates.Dispose();

    /// <summary>Health is asked for so rarely that it is Consul by which the gateway knows.</summary>
    private Task<GatewayHost> GatewayAsync(ConsulStandIn consul, params (string Key, string Value)[] settings) => GatewayHost.StartAsync(
        _tokens, [], [("Gateway:Discovery", "consul"), ("Ask:Consul:Url", consul.Url.ToString()), ("Ask:Consul:Token", ConsulStandIn.Token), ("Gateway:HealthInterval", "00:10:00"), .. settings]);

    /// <summary>An instance that has told Consul by itself.</summary>
    private async Task<EdgeInstance> RegisteredAsync(ConsulStandIn consul, string name)
    {
        var known = consul.Services.Count;
        var instance = await EdgeInstance.StartAsync(
            _tokens, name, settings:
            [
                ("Ask:Discovery", "consul"), ("Ask:Consul:Url", consul.Url.ToString()), ("Ask:Consul:Token", ConsulStandIn.Token), ("Certificates:Folder", _certificates.Folder),
                ("Http:DrainDelay", "00:00:00.200"),
            ]);
        await Eventually.TrueAsync(() => Task.FromResult(consul.Services.Count == known + 1), "it is registered");
        return instance;
    }

    /// <summary>Asks without a pause, each answer of which is a good one.</summary>
    /// <returns>How many there were.</returns>
    private static async Task<int> LoadAsync(GatewayHost gateway, CancellationToken ct)
    {
        using var client = gateway.Anonymous();
        var count = 0;
        for (; !ct.IsCancellationRequested; count++)
            await InstanceAsync(client);
        return count;
    }

    private static async Task<List<string>> VersionsAsync(GatewayHost gateway)
    {
        var versions = new List<string>();
        for (var i = 0; i < 40; i++)
        {
            using var client = gateway.ClientOf(new Guid(i, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10));
            versions.Add(await InstanceAsync(client));
        }

        return versions;
    }

    private static async Task<string> InstanceAsync(HttpClient client)
    {
        using var answer = await client.GetAsync("/api/v1/edge/told");
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        return (await answer.Content.ReadFromJsonAsync<Told>())!.Instance;
    }
}
