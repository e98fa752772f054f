using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Mneme.IntegrationTests.Platform.Http;
using Mneme.IntegrationTests.Support;

namespace Mneme.IntegrationTests.Platform.Observability;

public sealed class ExportTests(SharedApplication shared)
{
    [Fact]
    public async Task Traces_and_metrics_reach_a_configured_collector()
    {
        var received = new ConcurrentDictionary<string, string>(StringComparer.Ordinal);
        await using var collector = await CollectorAsync(received);
        var endpoint = collector.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        await using (var host = await PlatformHost.StartAsync(shared.Postgres, new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["Telemetry:OtlpEndpoint"] = endpoint,
            ["Telemetry:OtlpProtocol"] = "Http",
            ["Telemetry:OtlpHeaders"] = "api-key=of-the-test",
        }))
        {
            using var client = host.Anonymous();
            (await client.GetAsync("/api/v1/fail/none")).StatusCode.ShouldBe(HttpStatusCode.OK);
            (await client.GetAsync("/health/ready")).StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        received.Keys.Order().ShouldBe(["/v1/metrics of-the-test", "/v1/traces of-the-test"]);
        // Names stand as text in the protocol's messages.
        received["/v1/traces of-the-test"].ShouldContain("/api/v1/fail/{how}");
        received["/v1/traces of-the-test"].ShouldContain("http.response.status_code");
        received["/v1/traces of-the-test"].ShouldContain("postgresql", Case.Insensitive, "The readiness check's statement has a span.");
        received["/v1/metrics of-the-test"].ShouldContain("http.server.request.duration");
    }

    private static async Task<WebApplication> CollectorAsync(ConcurrentDictionary<string, string> received)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.Configure<KestrelServerOptions>(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        app.MapPost("/{**path}", async (HttpRequest request) =>
        {
            using var body = new MemoryStream();
            await request.Body.CopyToAsync(body);
            received.AddOrUpdate($"{request.Path} {request.Headers["api-key"]}", Encoding.Latin1.GetString(body.ToArray()), (_, earlier) => earlier + Encoding.Latin1.GetString(body.ToArray()));
        });
        await app.StartAsync();
        return app;
    }
}
