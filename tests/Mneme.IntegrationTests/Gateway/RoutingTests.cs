using System.Net;
using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using Mneme.IntegrationTests.Identity;
using Mneme.IntegrationTests.Support;
using Mneme.Platform.Security;

namespace Mneme.IntegrationTests.Gateway;

/// <summary>What passes the gateway, what it refuses itself, and what of a message arrives.</summary>
public sealed class RoutingTests : IAsyncLifetime
{
    private readonly TestTokens _tokens = new();
    private EdgeInstance _edge = null!;
    private GatewayHost _gateway = null!;

    [Fact]
    public async Task A_request_reaches_its_service_with_its_path_query_and_body()
    {
        using var client = _gateway.Anonymous();
        var told = await ToldAsync(await client.PostAsync("/api/v1/edge/told?a=1&b=%C3%BC", new StringContent("otters")));
        (told.Method, told.Path, told.BodyLength).ShouldBe(("POST", "/api/v1/edge/told?a=1&b=%C3%BC", 6L));
    }

    [Fact]
    public async Task Unknown_paths_and_wrong_methods_are_answered_at_the_edge()
    {
        using var client = _gateway.Anonymous();
        var unknown = await client.GetAsync("/api/v1/no/such/thing");
        (unknown.StatusCode, await unknown.CodeAsync()).ShouldBe((HttpStatusCode.NotFound, "not-found"));
        (await client.GetAsync("/api/v1/edge/otters")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        var wrong = await client.DeleteAsync("/api/v1/edge/told");
        wrong.StatusCode.ShouldBe(HttpStatusCode.MethodNotAllowed);
        wrong.Content.Headers.Allow.ShouldBe(["GET", "PATCH", "POST", "PUT"], ignoreOrder: true);
        wrong.Headers.Contains("X-Instance").ShouldBeFalse();
    }

    [Fact]
    public async Task A_token_is_judged_at_the_edge()
    {
        using var anonymous = _gateway.Anonymous();
        var refused = await anonymous.GetAsync("/api/v1/edge/mine");
        (refused.StatusCode, await refused.CodeAsync()).ShouldBe((HttpStatusCode.Unauthorized, "no-token"));
        anonymous.DefaultRequestHeaders.Add("Authorization", "Bearer forged.forged.forged");
        (await (await anonymous.GetAsync("/api/v1/edge/mine")).CodeAsync()).ShouldBe("invalid-token");

        var id = Guid.NewGuid();
        using var user = _gateway.ClientOf(id);
        (await user.GetFromJsonAsync<JsonNode>("/api/v1/edge/mine"))!["userId"]!.GetValue<Guid>().ShouldBe(id);
        var forbidden = await user.GetAsync("/api/v1/admin/edge");
        (forbidden.StatusCode, await forbidden.CodeAsync()).ShouldBe((HttpStatusCode.Forbidden, "admins-only"));
        using var admin = _gateway.ClientOf(id, Roles.Admin);
        (await admin.GetStringAsync("/api/v1/admin/edge")).ShouldBe("for administrators");
    }

    [Fact]
    public async Task What_is_asked_of_a_process_is_asked_under_the_services_name()
    {
        using var admin = _gateway.ClientOf(Guid.NewGuid(), Roles.Admin);
        (await admin.GetAsync("/services/edge/api/v1/admin/audit")).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await admin.GetFromJsonAsync<JsonNode>("/services/edge/health/environment"))!["services"]![0]!.GetValue<string>().ShouldBe("edge");
        (await admin.GetAsync("/api/v1/admin/audit")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        using var user = _gateway.ClientOf(Guid.NewGuid());
        (await user.GetAsync("/services/edge/api/v1/admin/audit")).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task A_body_that_is_too_large_is_refused_before_anything_is_forwarded()
    {
        using var client = _gateway.Anonymous();
        client.DefaultRequestHeaders.ExpectContinue = true;
        var refused = await client.PostAsync("/api/v1/edge/told", new ByteArrayContent(new byte[1_048_577]));
        (refused.StatusCode, await refused.CodeAsync()).ShouldBe((HttpStatusCode.RequestEntityTooLarge, "body-too-large"));
        refused.Headers.Contains("X-Instance").ShouldBeFalse();

        // An operation's own limit counts where it has one.
        (await ToldAsync(await client.PostAsync("/api/v1/edge/large", new ByteArrayContent(new byte[2_000_000])))).BodyLength.ShouldBe(2_000_000);
        (await client.PostAsync("/api/v1/edge/large", new ByteArrayContent(new byte[3_000_001]))).StatusCode.ShouldBe(HttpStatusCode.RequestEntityTooLarge);
    }

    [Fact]
    public async Task Forwarded_headers_are_the_gateways_and_never_the_callers()
    {
        using var client = _gateway.Anonymous();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/edge/told");
        foreach (var name in new[] { "X-Forwarded-For", "X-Real-IP", "True-Client-IP", "X-Forwarded-Prefix" })
            request.Headers.TryAddWithoutValidation(name, "6.6.6.6");
        request.Headers.TryAddWithoutValidation("X-Forwarded-Proto", "https");
        request.Headers.TryAddWithoutValidation("Forwarded", "for=6.6.6.6");
        request.Headers.TryAddWithoutValidation("X-Original-URL", "/api/v1/admin/edge");
        request.Headers.TryAddWithoutValidation("X-Kept", "yes");
        var told = await ToldAsync(await client.SendAsync(request));

        told.Headers.Values.ShouldNotContain(value => value.Contains("6.6.6.6", StringComparison.Ordinal));
        told.Headers.ShouldNotContainKey("X-Original-URL");
        // The service trusts the gateway, and has moved what it said to where such things stand.
        told.Headers["X-Original-For"].ShouldStartWith("127.0.0.1");
        told.Headers["X-Forwarded-Host"].ShouldBe(_gateway.Address.Authority);
        told.Headers["X-Kept"].ShouldBe("yes");
    }

    [Fact]
    public async Task Headers_of_one_connection_stay_with_it()
    {
        using var client = _gateway.Anonymous();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/edge/told");
        request.Headers.TryAddWithoutValidation("Keep-Alive", "timeout=5");
        request.Headers.TryAddWithoutValidation("Proxy-Authorization", "Basic eDp5");
        request.Headers.TryAddWithoutValidation("Upgrade-Insecure-Requests", "1");
        var told = await ToldAsync(await client.SendAsync(request));
        told.Headers.ShouldNotContainKey("Keep-Alive");
        told.Headers.ShouldNotContainKey("Proxy-Authorization");
    }

    [Fact]
    public async Task The_services_answer_replaces_what_the_gateway_prepared()
    {
        using var client = _gateway.Anonymous();
        var answer = await client.GetAsync("/api/v1/edge/told");
        answer.Headers.NonValidated["Cache-Control"].ToString().ShouldBe("private, max-age=7");
        answer.Headers.GetValues("Content-Security-Policy").Count().ShouldBe(1);
        answer.Headers.GetValues("X-Content-Type-Options").ShouldBe(["nosniff"]);
        answer.Headers.GetValues("RateLimit").Count().ShouldBe(1);
        answer.Headers.Contains("Server").ShouldBeFalse();
        var absent = await client.GetAsync("/api/v1/edge/absent");
        (await absent.CodeAsync()).ShouldBe("not-found");
    }

    [Fact]
    public async Task A_trace_goes_through_the_gateway_and_its_span_is_in_it()
    {
        using var client = _gateway.Anonymous();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/edge/told");
        request.Headers.Add("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
        request.Headers.Add("X-Correlation-Id", "order-66");
        var answer = await client.SendAsync(request);
        var told = await ToldAsync(answer);
        told.TraceId.ShouldBe("4bf92f3577b34da6a3ce929d0e0e4736");
        told.ParentSpanId.ShouldNotBe("00f067aa0ba902b7");
        var response = answer.Headers.GetValues("traceresponse").Single();
        response.ShouldStartWith("00-4bf92f3577b34da6a3ce929d0e0e4736-");
        response.ShouldNotContain("00f067aa0ba902b7");
        told.Headers["X-Correlation-Id"].ShouldBe("order-66");
        answer.Headers.GetValues("X-Correlation-Id").ShouldBe(["order-66"]);
    }

    [Fact]
    public async Task Events_arrive_when_they_are_sent()
    {
        using var client = _gateway.Anonymous();
        using var answer = await client.GetAsync("/api/v1/edge/stream", HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
        (await reader.ReadLineAsync(TestContext.Current.CancellationToken)).ShouldBe("data: first");
        _edge.Gate.Opened.SetResult();
        (await reader.ReadToEndAsync(TestContext.Current.CancellationToken)).ShouldContain("data: second");
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("text/event-stream");
    }

    [Fact]
    public async Task A_websocket_passes_both_ways()
    {
        using var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol("echo");
        await socket.ConnectAsync(new Uri($"ws://{_gateway.Address.Authority}/api/v1/edge/socket"), TestContext.Current.CancellationToken);
        var buffer = new byte[64];
        foreach (var text in new[] { "otters", "swim home" })
        {
            await socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, endOfMessage: true, TestContext.Current.CancellationToken);
            var received = await socket.ReceiveAsync(buffer, TestContext.Current.CancellationToken);
            Encoding.UTF8.GetString(buffer, 0, received.Count).ShouldBe(text);
        }

        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "bye", TestContext.Current.CancellationToken);
        socket.CloseStatus.ShouldBe(WebSocketCloseStatus.NormalClosure);
    }

    [Fact]
    public async Task The_description_of_the_api_is_the_systems_with_the_gateways_paths()
    {
        using var client = _gateway.Anonymous();
        var api = (await client.GetFromJsonAsync<JsonNode>("/openapi/mneme.json"))!;
        var paths = api["paths"]!.AsObject().Select(path => path.Key).ToList();
        paths.ShouldContain("/api/v1/edge/mine");
        paths.ShouldContain("/services/{service}/api/v1/admin/dead-letters");
        paths.ShouldNotContain("/api/v1/admin/dead-letters");
        api["paths"]!["/services/{service}/api/v1/admin/dead-letters"]!["get"]!["parameters"]![0]!["schema"]!["enum"]![0]!.GetValue<string>().ShouldBe("edge");
        (await client.GetAsync("/openapi/edge.json")).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await client.GetAsync("/openapi/otter.json")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await client.GetStringAsync("/docs/index.html")).ShouldContain("Mneme: API");
    }

    public async ValueTask InitializeAsync()
    {
        _edge = await EdgeInstance.StartAsync(_tokens);
        _gateway = await GatewayHost.StartAsync(_tokens, [_edge]);
    }

    public async ValueTask DisposeAsync()
    {
        await _gateway.DisposeAsync();
        await _edge.DisposeAsync();
    }

    private static async Task<Told> ToldAsync(HttpResponseMessage answer)
    {
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        return (await answer.Content.ReadFromJsonAsync<Told>())!;
    }
}
