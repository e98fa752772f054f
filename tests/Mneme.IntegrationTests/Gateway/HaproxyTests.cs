using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using Microsoft.Extensions.Configuration;
using Mneme.Gateway;
using Mneme.Gateway.Export;
using Mneme.IntegrationTests.Support;
using Mneme.Platform.Http;

namespace Mneme.IntegrationTests.Gateway;

/// <summary>The exported configuration in a real HAProxy.</summary>
public sealed class HaproxyTests : IDisposable
{
    private readonly TestTokens _tokens = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("mneme-test-haproxy-").FullName;

    [Fact]
    public async Task The_configuration_of_the_whole_system_is_valid()
    {
        await using var catalogue = GatewayApplication.Catalogue(new ConfigurationBuilder().Build());
        var options = new GatewayOptions { Destinations = { ["study"] = "http://127.0.0.1:1,https://127.0.0.1:2" }, Canary = { ["study"] = "http://127.0.0.1:3" }, CanaryWeight = { ["study"] = "5" } };
        var (status, output) = await RunAsync("-c", "-f", await WriteAsync(HaproxyExport.Write(catalogue.Table, options, new HttpOptions())));
        status.ShouldBe(0, output);
        output.ShouldNotContain("WARNING");
    }

    [Fact]
    public async Task It_routes_as_the_gateway_does()
    {
        await using var edge = await EdgeInstance.StartAsync(_tokens);
        await using var catalogue = GatewayHost.CatalogueOf(new ConfigurationBuilder().Build());
        var options = new GatewayOptions { Destinations = { ["edge"] = edge.Address.ToString() }, HealthInterval = TimeSpan.FromMilliseconds(100) };
        var socket = Path.Combine(_folder, "haproxy.sock");
        // A port of its own would have to be guessed.
        var text = HaproxyExport.Write(catalogue.Table, options, new HttpOptions()).Replace("bind 127.0.0.1:8080", $"bind unix@{socket}", StringComparison.Ordinal);
        using var haproxy = Process.Start(new ProcessStartInfo("haproxy", ["-db", "-f", await WriteAsync(text)]) { RedirectStandardError = true, RedirectStandardOutput = true, UseShellExecute = false })!;
        try
        {
            using var client = Client(socket);
            await Eventually.TrueAsync(async () => File.Exists(socket) && (await client.GetAsync("/api/v1/edge/told")).StatusCode == HttpStatusCode.OK, "HAProxy answers");
            using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/edge/told?a=1") { Headers = { { "X-Forwarded-For", "6.6.6.6" } } };
            var told = await (await client.SendAsync(request)).Content.ReadFromJsonAsync<Told>();
            told!.Path.ShouldBe("/api/v1/edge/told?a=1");
            told.Headers.Values.ShouldNotContain(value => value.Contains("6.6.6.6", StringComparison.Ordinal));

            (await client.GetAsync($"/api/v1/edge/{Guid.NewGuid()}")).StatusCode.ShouldBe(HttpStatusCode.OK);
            (await client.GetAsync("/api/v1/no/such/thing")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
            (await client.DeleteAsync("/api/v1/edge/told")).StatusCode.ShouldBe(HttpStatusCode.MethodNotAllowed);
            // Who does not wait for the answer meets a closed connection.
            using var tooLarge = new HttpRequestMessage(HttpMethod.Post, "/api/v1/edge/told") { Content = new ByteArrayContent(new byte[1_048_577]), Headers = { ExpectContinue = true } };
            (await client.SendAsync(tooLarge)).StatusCode.ShouldBe(HttpStatusCode.RequestEntityTooLarge);
            (await client.PostAsync("/api/v1/edge/large", new ByteArrayContent(new byte[2_000_000]))).StatusCode.ShouldBe(HttpStatusCode.OK);
            // The service's own word: HAProxy verifies no token, and it took the service's prefix away.
            (await client.GetAsync("/services/edge/api/v1/admin/audit")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);

            await edge.DisposeAsync();
            await Eventually.TrueAsync(async () => (await client.GetAsync("/api/v1/edge/told")) is { StatusCode: HttpStatusCode.ServiceUnavailable } refused && refused.Headers.RetryAfter is not null, "the only destination is gone");
        }
        finally
        {
            haproxy.Kill();
            await haproxy.WaitForExitAsync();
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private async Task<string> WriteAsync(string text)
    {
        var path = Path.Combine(_folder, "haproxy.cfg");
        await File.WriteAllTextAsync(path, text);
        return path;
    }

    private static async Task<(int Status, string Output)> RunAsync(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("haproxy", arguments) { RedirectStandardError = true, RedirectStandardOutput = true, UseShellExecute = false })!;
        var output = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, string.Concat(output));
    }

    private static HttpClient Client(string socket) => new(new SocketsHttpHandler
    {
        ConnectCallback = async (_, ct) =>
        {
            var connection = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await connection.ConnectAsync(new UnixDomainSocketEndPoint(socket), ct);
            return new NetworkStream(connection, ownsSocket: true);
        },
    })
    { BaseAddress = new Uri("http://haproxy") };
}
