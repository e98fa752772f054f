using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using Mneme.IntegrationTests.Identity;
using Mneme.IntegrationTests.Support;

namespace Mneme.IntegrationTests.Gateway;

/// <summary>Destinations that die, come back, are slow or are not there; shares for a new version; requests made to confuse.</summary>
public sealed class FailureTests
{
    private readonly TestTokens _tokens = new();

    [Fact]
    public async Task A_request_goes_to_another_destination_when_one_dies()
    {
        await using var one = await EdgeInstance.StartAsync(_tokens, "one");
        var two = await EdgeInstance.StartAsync(_tokens, "two");
        // Health is not asked for, so that requests find out by themselves.
        await using var gateway = await GatewayHost.StartAsync(_tokens, [one, two], ("Gateway:HealthInterval", "00:10:00"));
        using var client = gateway.Anonymous();
        await Eventually.TrueAsync(async () => await InstanceAsync(client) == "two", "both get requests");

        await two.DisposeAsync();
        for (var i = 0; i < 40; i++)
        {
            (await InstanceAsync(client)).ShouldBe("one");
            // Not repeatable, but never sent to the dead one: no connection was made.
            var told = await (await client.PostAsync("/api/v1/edge/told", new StringContent("otters"))).Content.ReadFromJsonAsync<Told>();
            (told!.Instance, told.BodyLength).ShouldBe(("one", 6L));
        }
    }

    [Fact]
    public async Task What_may_have_arrived_is_repeated_only_if_that_does_no_harm()
    {
        await using var one = await EdgeInstance.StartAsync(_tokens, "one");
        await using var broken = new HangUp();
        await using var gateway = await GatewayHost.StartAsync(
            _tokens, [one], ("Gateway:HealthInterval", "00:10:00"), ("Gateway:Destinations:edge", $"{one.Address},{broken.Address}"), ("Gateway:Retries", "2"));
        using var client = gateway.Anonymous();
        for (var i = 0; i < 30; i++)
        {
            (await InstanceAsync(client)).ShouldBe("one");
            using var keyed = new HttpRequestMessage(HttpMethod.Post, "/api/v1/edge/told") { Content = new StringContent("otters"), Headers = { { "Idempotency-Key", $"key-{i}" } } };
            (await client.SendAsync(keyed)).StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        var statuses = new HashSet<HttpStatusCode>();
        await Eventually.TrueAsync(async () =>
        {
            var before = broken.Requests;
            var answer = await client.PostAsync("/api/v1/edge/told", new StringContent("otters"));
            statuses.Add(answer.StatusCode);
            if (answer.StatusCode != HttpStatusCode.BadGateway)
                return false;
            (await answer.CodeAsync()).ShouldBe("answer-lost");
            broken.Requests.ShouldBe(before + 1);
            return true;
        }, "a request without a key meets the one that hangs up");
        statuses.ShouldBeSubsetOf([HttpStatusCode.OK, HttpStatusCode.BadGateway]);
    }

    [Fact]
    public async Task A_destination_that_says_it_is_not_ready_gets_nothing_until_it_is()
    {
        await using var one = await EdgeInstance.StartAsync(_tokens, "one");
        await using var two = await Moody.StartAsync(one.Address);
        await using var gateway = await GatewayHost.StartAsync(_tokens, [one], ("Gateway:Destinations:edge", $"{one.Address},{two.Address}"));
        using var client = gateway.Anonymous();
        two.IsReady = false;
        await Eventually.TrueAsync(async () =>
        {
            var before = two.Requests;
            for (var i = 0; i < 20; i++)
                await InstanceAsync(client);
            return two.Requests == before;
        }, "the one that is not ready gets no requests");
        two.IsReady = true;
        await Eventually.TrueAsync(async () =>
        {
            var before = two.Requests;
            await InstanceAsync(client);
            return two.Requests > before;
        }, "it gets requests again");
    }

    [Fact]
    public async Task Without_a_destination_the_answer_is_503_at_once_and_recovers()
    {
        var first = await EdgeInstance.StartAsync(_tokens, "one");
        var port = first.Address.Port;
        await using var gateway = await GatewayHost.StartAsync(_tokens, [first]);
        using var client = gateway.Anonymous();
        await first.DisposeAsync();
        var refused = await client.GetAsync("/api/v1/edge/told");
        (refused.StatusCode, await refused.CodeAsync()).ShouldBe((HttpStatusCode.ServiceUnavailable, "service-unavailable"));
        refused.Headers.RetryAfter!.Delta.ShouldNotBeNull();
        await Eventually.TrueAsync(async () => (await (await client.GetAsync("/api/v1/edge/told")).Content.ReadAsStringAsync()).Contains("No instance of edge", StringComparison.Ordinal), "the destination is known to be away");
        // The gateway itself is well: a load balancer before it must not give it up.
        (await client.GetAsync("/health/ready")).StatusCode.ShouldBe(HttpStatusCode.OK);

        await using var again = await EdgeInstance.StartAsync(_tokens, "again", port);
        await Eventually.TrueAsync(async () => (await client.GetAsync("/api/v1/edge/told")).StatusCode == HttpStatusCode.OK, "it is found again");
    }

    [Fact]
    public async Task A_service_that_nobody_configured_is_unavailable_and_not_unknown()
    {
        await using var gateway = await GatewayHost.StartAsync(_tokens, []);
        using var client = gateway.Anonymous();
        (await client.GetAsync("/api/v1/edge/told")).StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        (await client.GetAsync("/api/v1/edge/otters")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_service_that_does_not_answer_in_time_is_given_up()
    {
        await using var edge = await EdgeInstance.StartAsync(_tokens, settings: ("Http:RequestTimeout", "00:10:00"));
        await using var gateway = await GatewayHost.StartAsync(_tokens, [edge], ("Http:RequestTimeout", "00:00:00.100"));
        using var client = gateway.Anonymous();
        var answer = await client.GetAsync("/api/v1/edge/slow");
        (answer.StatusCode, await answer.CodeAsync()).ShouldBe((HttpStatusCode.ServiceUnavailable, "deadline-passed"));
    }

    [Fact]
    public async Task One_person_stays_on_one_version_and_the_other_serves_when_it_is_gone()
    {
        await using var stable = await EdgeInstance.StartAsync(_tokens, "stable");
        var canary = await EdgeInstance.StartAsync(_tokens, "canary");
        await using var gateway = await GatewayHost.StartAsync(_tokens, [stable], ("Gateway:Canary:edge", canary.Address.ToString()), ("Gateway:CanaryWeight:edge", "50"));
        var versions = new Dictionary<Guid, string>();
        for (var i = 0; i < 40; i++)
        {
            var id = new Guid(i, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
            using var client = gateway.ClientOf(id);
            versions[id] = await InstanceAsync(client);
            (await InstanceAsync(client)).ShouldBe(versions[id]);
        }

        versions.Values.Count(version => version == "canary").ShouldBeInRange(8, 32);
        await canary.DisposeAsync();
        foreach (var id in versions.Keys)
        {
            using var client = gateway.ClientOf(id);
            (await InstanceAsync(client)).ShouldBe("stable");
        }
    }

    [Fact]
    public async Task Names_are_looked_up_when_that_is_asked_for()
    {
        await using var edge = await EdgeInstance.StartAsync(_tokens, "named");
        await using var gateway = await GatewayHost.StartAsync(_tokens, [], ("Gateway:Destinations:edge", $"http://localhost:{edge.Address.Port}"), ("Gateway:ResolveDns", "true"));
        using var client = gateway.Anonymous();
        await Eventually.TrueAsync(async () => (await client.GetAsync("/api/v1/edge/told")).StatusCode == HttpStatusCode.OK, "localhost is this machine, by whichever of its addresses answers");
        (await InstanceAsync(client)).ShouldBe("named");
    }

    [Theory]
    [InlineData("POST /api/v1/edge/told HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\nContent-Length: 7\r\n\r\notters!")]
    [InlineData("POST /api/v1/edge/told HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n")]
    [InlineData("POST /api/v1/edge/told HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n")]
    [InlineData("POST /api/v1/edge/told HTTP/1.1\r\nHost: a\r\nContent-Length : 6\r\n\r\notters")]
    [InlineData("GET /api/v1/edge/told HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n")]
    [InlineData("GET /api/v1/edge/told HTTP/1.1\r\nHost: a\r\nX-One: 1\r\n X-Two: folded\r\n\r\n")]
    public async Task A_request_whose_end_is_in_doubt_is_refused(string request)
    {
        await using var edge = await EdgeInstance.StartAsync(_tokens);
        await using var gateway = await GatewayHost.StartAsync(_tokens, [edge]);
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, gateway.Address.Port, TestContext.Current.CancellationToken);
        await socket.SendAsync(Encoding.ASCII.GetBytes(request), TestContext.Current.CancellationToken);
        // The connection ends: nothing that follows on it is taken for a request.
        var answer = await ReadToEndAsync(socket);
        answer.Split("HTTP/1.1 ").Length.ShouldBe(2);
        answer.ShouldMatch("^HTTP/1.1 (400|501) ");
    }

    private static async Task<string> ReadToEndAsync(Socket socket)
    {
        var (text, buffer) = (new StringBuilder(), new byte[4096]);
        try
        {
            while (await socket.ReceiveAsync(buffer, TestContext.Current.CancellationToken) is > 0 and var read)
                text.Append(Encoding.ASCII.GetString(buffer, 0, read));
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionReset)
        {
            // What was sent and not read ends a connection so.
        }

        return text.ToString();
    }

    private static async Task<string> InstanceAsync(HttpClient client)
    {
        using var answer = await client.GetAsync("/api/v1/edge/told");
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        return (await answer.Content.ReadFromJsonAsync<Told>())!.Instance;
    }
}
