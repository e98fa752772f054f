using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Mneme.IntegrationTests.Platform.Http;
using Mneme.IntegrationTests.Support;

namespace Mneme.IntegrationTests.Platform.Observability;

[Collection(nameof(SharedPlatform))]
public sealed class ManagementTests(SharedPlatform platform, SharedApplication shared)
{
    [Fact]
    public async Task Metrics_are_text_that_promtool_accepts()
    {
        using (var client = platform.Host.ClientOf(Guid.NewGuid()))
        {
            (await client.GetAsync("/api/v1/probes")).StatusCode.ShouldBe(HttpStatusCode.OK);
            (await client.PostAsJsonAsync("/api/v1/probes", new { name = "a", quality = 3 })).StatusCode.ShouldBe(HttpStatusCode.Created);
        }

        using var management = new HttpClient { BaseAddress = platform.Host.Management };
        using var response = await management.GetAsync("/metrics");
        var text = await response.Content.ReadAsStringAsync();
        response.Content.Headers.ContentType!.ToString().ShouldBe("text/plain; version=0.0.4; charset=utf-8");
        var (status, findings) = await PromtoolAsync(text);
        status.ShouldBe(0, $"{findings}\n{text}");

        text.ShouldContain("# TYPE http_server_request_duration_seconds histogram");
        text.ShouldContain("http_route=\"/api/v1/probes\"");
        text.ShouldContain("# TYPE dotnet_gc_collections_total counter");
        text.ShouldContain("# TYPE dotnet_process_memory_working_set_bytes gauge");
        text.ShouldContain("# TYPE dotnet_thread_pool_threads gauge");
        text.ShouldContain("# TYPE db_client_connections gauge");
    }

    [Fact]
    public async Task The_management_listener_serves_its_two_addresses_and_nothing_else()
    {
        using var management = new HttpClient { BaseAddress = platform.Host.Management };
        var details = await management.GetFromJsonAsync<JsonElement>("/health/details");
        details.GetProperty("status").GetString().ShouldBe("OK");
        details.GetProperty("dependencies")[0].GetProperty("name").GetString().ShouldBe("database of probe");
        foreach (var path in new[] { "/", "/api/v1/probes", "/health/live", "/docs", "/openapi.json" })
            await ProblemTests.ProblemOf(await management.GetAsync(path), HttpStatusCode.NotFound, isTraced: false);
        await ProblemTests.ProblemOf(await management.PostAsync("/metrics", null), HttpStatusCode.NotFound, isTraced: false);
    }

    [Theory]
    [InlineData("/metrics")]
    [InlineData("/health/details")]
    public async Task The_public_listener_serves_neither(string path)
    {
        using var client = platform.Host.Anonymous();
        await ProblemTests.ProblemOf(await client.GetAsync(path), HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task It_can_be_turned_off()
    {
        await using var host = await PlatformHost.StartAsync(shared.Postgres, new Dictionary<string, string?>(StringComparer.Ordinal) { ["Http:ManagementPort"] = "-1" });
        host.Management.ShouldBeNull();
    }

    [Fact]
    public async Task Health_tells_the_state_and_readiness_follows_the_schema()
    {
        using (var client = platform.Host.Anonymous())
        {
            (await client.GetFromJsonAsync<JsonElement>("/health/live")).GetProperty("status").GetString().ShouldBe("OK");
            (await client.GetFromJsonAsync<JsonElement>("/health/ready")).GetProperty("status").GetString().ShouldBe("OK");
            var summary = await client.GetFromJsonAsync<JsonElement>("/health");
            summary.GetProperty("services")[0].GetString().ShouldBe("probe");
        }

        // The databases are not there: alive, but not ready, and the reason is for operators only.
        await using var host = await PlatformHost.StartAsync(shared.Postgres, isMigrated: false);
        using var unready = host.Anonymous();
        (await unready.GetAsync("/health/live")).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await ProblemTests.ProblemOf(await unready.GetAsync("/health/ready"), HttpStatusCode.ServiceUnavailable)).GetProperty("code").GetString().ShouldBe("not-ready");
        using var management = new HttpClient { BaseAddress = host.Management };
        using var details = await management.GetAsync("/health/details");
        details.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        (await details.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("dependencies")[0].GetProperty("error").GetString()!.ShouldContain("does not exist");
    }

    private static async Task<(int Status, string Findings)> PromtoolAsync(string metrics)
    {
        using var promtool = Process.Start(new ProcessStartInfo("promtool", ["check", "metrics"]) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardError = true, RedirectStandardOutput = true })
            ?? throw new InvalidOperationException("promtool does not start: install Debian's package prometheus.");
        await promtool.StandardInput.WriteAsync(metrics);
        promtool.StandardInput.Close();
        var findings = await promtool.StandardError.ReadToEndAsync() + await promtool.StandardOutput.ReadToEndAsync();
        await promtool.WaitForExitAsync();
        return (promtool.ExitCode, findings);
    }
}
