using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using Mneme.IntegrationTests.Platform.Probe;
using Mneme.IntegrationTests.Support;

namespace Mneme.IntegrationTests.Platform.Http;

[Collection(nameof(SharedPlatform))]
public sealed class PipelineTests(SharedPlatform platform, SharedApplication shared)
{
    [Theory]
    [InlineData("/api/v1/fail/none")]
    [InlineData("/api/v1/fail/bug")]
    [InlineData("/there/is/nothing")]
    [InlineData("/health/live")]
    public async Task Every_response_of_the_API_carries_the_security_headers(string path)
    {
        using var client = platform.Host.Anonymous();
        using var response = await client.GetAsync(path);
        Header(response, "Content-Security-Policy").ShouldBe("default-src 'none'; frame-ancestors 'none'");
        Header(response, "X-Content-Type-Options").ShouldBe("nosniff");
        Header(response, "Referrer-Policy").ShouldBe("strict-origin-when-cross-origin");
        Header(response, "Cross-Origin-Opener-Policy").ShouldBe("same-origin");
        Header(response, "Permissions-Policy")!.ShouldContain("camera=()");
        Header(response, "Strict-Transport-Security").ShouldBeNull("This is not TLS.");
        Header(response, "Server").ShouldBeNull();
        if (!path.EndsWith("none", StringComparison.Ordinal))
            response.Headers.CacheControl!.NoStore.ShouldBeTrue();
        else
            response.Headers.CacheControl!.MaxAge.ShouldBe(TimeSpan.FromSeconds(60), "The operation says so itself.");
    }

    [Fact]
    public async Task The_welcome_page_loads_nothing_from_elsewhere_and_its_style_carries_the_nonce()
    {
        using var client = platform.Host.Anonymous();
        using var response = await client.GetAsync("/");
        var html = await response.Content.ReadAsStringAsync();
        response.Content.Headers.ContentType!.MediaType.ShouldBe("text/html");
        var policy = Header(response, "Content-Security-Policy")!;
        policy.ShouldStartWith("default-src 'none'; script-src 'self' 'nonce-");
        var nonce = policy.Split("'nonce-")[1].Split('\'')[0];
        html.ShouldContain($"<style nonce=\"{nonce}\">");
        html.ShouldContain("href=\"/docs\"");
        html.Replace("xmlns=\"http://www.w3.org/2000/svg\"", "", StringComparison.Ordinal).ShouldNotContain("http");
        (await client.GetStringAsync("/")).ShouldNotContain(nonce);
    }

    [Fact]
    public async Task Behind_a_proxy_that_leaves_a_prefix_every_address_that_is_given_out_has_it()
    {
        await using var app = await TestApplication.StartAsync(
            shared.Postgres, settings: new Dictionary<string, string?>(StringComparer.Ordinal) { ["Http:BasePath"] = "/learn/mneme" }, services: [new ProbeService(new ProbeControl())]);
        using var client = app.ClientOf(Guid.NewGuid());
        client.BaseAddress = new Uri(app.Address, "/learn/mneme/api/v1/");

        var created = await client.PostAsJsonAsync("probe/things", new { name = "thing" });
        created.StatusCode.ShouldBe(HttpStatusCode.Created);
        created.Headers.Location!.OriginalString.ShouldStartWith("/learn/mneme/api/v1/probe/things/");
        (await client.GetAsync(created.Headers.Location)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await client.GetStringAsync("/learn/mneme/")).ShouldContain("href=\"/learn/mneme/docs\"");
        (await client.GetStringAsync("/learn/mneme/openapi.json")).ShouldContain("\"url\": \"/learn/mneme\"");
        var docs = await client.GetAsync("/learn/mneme/docs");
        docs.StatusCode.ShouldBe(HttpStatusCode.OK);
        docs.RequestMessage!.RequestUri!.AbsolutePath.ShouldStartWith("/learn/mneme/docs");
        (await client.GetAsync("/health/ready")).StatusCode.ShouldBe(HttpStatusCode.OK, "probes need not know the prefix");
    }

    [Fact]
    public async Task The_API_page_and_its_parts_are_served_by_the_program_itself()
    {
        using var client = platform.Host.Anonymous();
        using var page = await client.GetAsync("/docs/index.html");
        var html = await page.Content.ReadAsStringAsync();
        page.StatusCode.ShouldBe(HttpStatusCode.OK, html);
        Header(page, "Content-Security-Policy")!.ShouldStartWith("default-src 'none'; script-src 'self'; ");
        html.ShouldNotContain("https://");
        foreach (System.Text.RegularExpressions.Match part in System.Text.RegularExpressions.Regex.Matches(html, "(?:src|href)=\"([^\"]+)\""))
            (await client.GetAsync(new Uri(new Uri(client.BaseAddress!, "/docs/"), part.Groups[1].Value))).StatusCode.ShouldBe(HttpStatusCode.OK, part.Value);
        (await client.GetStringAsync("/docs/index.js")).ShouldContain("/openapi/mneme.json");
    }

    [Fact]
    public async Task A_trace_is_continued_and_named_in_the_answer()
    {
        using var client = platform.Host.Anonymous();
        client.DefaultRequestHeaders.Add("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
        client.DefaultRequestHeaders.Add("X-Correlation-Id", "order-7/retry:2");
        using var response = await client.GetAsync($"/api/v1/probes/{Guid.NewGuid()}/trace");
        var id = await response.Content.ReadAsStringAsync();
        id.ShouldStartWith("00-4bf92f3577b34da6a3ce929d0e0e4736-");
        Header(response, "traceresponse").ShouldBe(id);
        Header(response, "X-Correlation-Id").ShouldBe("order-7/retry:2");
    }

    [Theory]
    [InlineData(null)]
    [InlineData("has a blank")]
    [InlineData("<script>")]
    public async Task Without_a_sane_correlation_id_the_trace_id_is_it(string? given)
    {
        using var client = platform.Host.Anonymous();
        if (given is not null)
            client.DefaultRequestHeaders.TryAddWithoutValidation("X-Correlation-Id", given);
        using var response = await client.GetAsync("/there/is/nothing");
        var problem = await ProblemTests.ProblemOf(response, HttpStatusCode.NotFound);
        Header(response, "X-Correlation-Id").ShouldBe(problem.GetProperty("traceId").GetString());
    }

    [Fact]
    public async Task Requests_are_limited_per_user_and_per_address()
    {
        await using var host = await PlatformHost.StartAsync(shared.Postgres, new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["Http:RequestsPerMinutePerUser"] = "3",
            ["Http:RequestsPerMinutePerAddress"] = "2",
        });
        using var user = host.ClientOf(Guid.NewGuid());
        for (var left = 2; left >= 0; left--)
        {
            using var allowed = await user.GetAsync("/api/v1/probes");
            allowed.StatusCode.ShouldBe(HttpStatusCode.OK);
            Header(allowed, "RateLimit-Policy").ShouldBe("\"user\";q=3;w=60");
            Header(allowed, "RateLimit")!.ShouldStartWith($"\"user\";r={left};t=");
        }

        using var refused = await user.GetAsync("/api/v1/probes");
        await ProblemTests.ProblemOf(refused, HttpStatusCode.TooManyRequests);
        refused.Headers.RetryAfter!.Delta!.Value.ShouldBeInRange(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(20));
        Header(refused, "RateLimit")!.ShouldStartWith("\"user\";r=0;t=");

        using var other = host.ClientOf(Guid.NewGuid());
        (await other.GetAsync("/api/v1/probes")).StatusCode.ShouldBe(HttpStatusCode.OK);

        using var stranger = host.Anonymous();
        (await stranger.GetAsync("/api/v1/probes")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        stranger.DefaultRequestHeaders.Authorization = new("Bearer", "guess");
        (await stranger.GetAsync("/there/is/nothing")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        await ProblemTests.ProblemOf(await stranger.GetAsync("/api/v1/probes"), HttpStatusCode.TooManyRequests);
        for (var i = 0; i < 5; i++)
            (await stranger.GetAsync("/health/live")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Browsers_of_listed_origins_may_call_and_no_others()
    {
        await using var host = await PlatformHost.StartAsync(shared.Postgres, new Dictionary<string, string?>(StringComparer.Ordinal) { ["Http:CorsOrigins"] = "https://learn.example.org" });
        using var client = host.Anonymous();
        using var plain = await client.GetAsync("/health/live");
        plain.Headers.Vary.ShouldContain("Origin");
        Header(plain, "Access-Control-Allow-Origin").ShouldBeNull();

        using var allowed = await client.SendAsync(From("https://learn.example.org", HttpMethod.Get, "/api/v1/fail/bug"));
        allowed.StatusCode.ShouldBe(HttpStatusCode.InternalServerError);
        Header(allowed, "Access-Control-Allow-Origin").ShouldBe("https://learn.example.org");
        Header(allowed, "Access-Control-Expose-Headers")!.ShouldContain("RateLimit");
        Header(allowed, "Access-Control-Allow-Credentials").ShouldBeNull();

        var preflight = From("https://learn.example.org", HttpMethod.Options, "/api/v1/probes");
        preflight.Headers.Add("Access-Control-Request-Method", "POST");
        using var answer = await client.SendAsync(preflight);
        answer.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        Header(answer, "Access-Control-Allow-Headers")!.ShouldContain("Idempotency-Key");

        foreach (var origin in new[] { "https://learn.example.org.evil.example", "http://learn.example.org", "https://LEARN.example.org", "null" })
        {
            using var refused = await client.SendAsync(From(origin, HttpMethod.Get, "/health/live"));
            Header(refused, "Access-Control-Allow-Origin").ShouldBeNull(origin);
            refused.Headers.Vary.ShouldContain("Origin");
        }
    }

    [Fact]
    public async Task Forwarded_headers_are_believed_from_configured_proxies_only()
    {
        using var distrusting = platform.Host.Anonymous();
        using var ignored = await distrusting.SendAsync(Forwarded("203.0.113.7"));
        Header(ignored, "Strict-Transport-Security").ShouldBeNull();

        await using var host = await PlatformHost.StartAsync(shared.Postgres, new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["Http:TrustedProxies"] = "127.0.0.0/8",
            ["Http:RequestsPerMinutePerAddress"] = "1",
        });
        using var client = host.Anonymous();
        using var first = await client.SendAsync(Forwarded("203.0.113.7"));
        first.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        Header(first, "Strict-Transport-Security")!.ShouldStartWith("max-age=");
        (await client.SendAsync(Forwarded("198.51.100.2, 203.0.113.7"))).StatusCode.ShouldBe(HttpStatusCode.TooManyRequests, "The last address that is not ours counts.");
        (await client.SendAsync(Forwarded("203.0.113.8"))).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_request_line_and_headers_that_are_too_long_are_refused()
    {
        using var client = platform.Host.Anonymous();
        (await client.GetAsync("/" + new string('a', 9000))).StatusCode.ShouldBe(HttpStatusCode.RequestUriTooLong);
        client.DefaultRequestHeaders.Add("X-Long", new string('a', 20_000));
        (await client.GetAsync("/health/live")).StatusCode.ShouldBe(HttpStatusCode.RequestHeaderFieldsTooLarge);
    }

    [Fact]
    public async Task Stopping_fails_readiness_first_finishes_what_runs_and_resets_nothing()
    {
        await using var host = await PlatformHost.StartAsync(shared.Postgres, new Dictionary<string, string?>(StringComparer.Ordinal) { ["Http:DrainDelay"] = "00:00:05" });
        using var client = host.Anonymous();
        var held = client.GetAsync("/api/v1/held");
        await host.Gate.Entered.Task;
        (await client.GetAsync("/health/ready")).StatusCode.ShouldBe(HttpStatusCode.OK);

        var stop = host.App.StopAsync();
        using var ready = await client.GetAsync("/health/ready");
        (await ProblemTests.ProblemOf(ready, HttpStatusCode.ServiceUnavailable)).GetProperty("code").GetString().ShouldBe("stopping");
        ready.Headers.ConnectionClose.ShouldBe(true);
        (await client.GetAsync("/health/live")).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await client.GetAsync("/api/v1/fail/none")).StatusCode.ShouldBe(HttpStatusCode.OK, "Work is still taken while load balancers notice.");

        await Eventually.TrueAsync(async () => !await CanConnectAsync(host.Address), "The listener closes.");
        held.IsCompleted.ShouldBeFalse();
        host.Gate.Opened.SetResult();
        (await (await held).Content.ReadFromJsonAsync<Dictionary<string, string>>())!["text"].ShouldBe("held");
        await stop;
    }

    private static async Task<bool> CanConnectAsync(Uri address)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(IPAddress.Loopback, address.Port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static HttpRequestMessage From(string origin, HttpMethod method, string path)
    {
        var request = new HttpRequestMessage(method, path);
        request.Headers.TryAddWithoutValidation("Origin", origin);
        return request;
    }

    private static HttpRequestMessage Forwarded(string addresses)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, "/there/is/nothing");
        request.Headers.Add("X-Forwarded-For", addresses);
        request.Headers.Add("X-Forwarded-Proto", "https");
        return request;
    }

    private static string? Header(HttpResponseMessage response, string name) => response.Headers.TryGetValues(name, out var values) ? string.Join(", ", values) : null;
}
