using System.Net.Http.Headers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Mneme.Gateway;
using Mneme.IntegrationTests.Support;
using Mneme.Platform.Hosting;
using Mneme.Platform.Persistence;
using Mneme.Platform.Security;
using Mneme.Platform.Services;

namespace Mneme.IntegrationTests.Gateway;

/// <summary>An instance of the service behind the gateway, in a web server of its own.</summary>
internal sealed class EdgeInstance : IAsyncDisposable
{
    private readonly WebApplication _app;
    private bool _isDisposed;

    private EdgeInstance(WebApplication app) => (_app, Address) = (app, new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()));

    public Uri Address { get; }

    public EdgeGate Gate => _app.Services.GetRequiredService<EdgeGate>();

    /// <param name="tokens">Whose tokens hold.</param>
    /// <param name="name">What it calls itself in its answers.</param>
    /// <param name="port">0 for a free one.</param>
    public static async Task<EdgeInstance> StartAsync(TestTokens tokens, string name = "one", int port = 0, params (string Key, string Value)[] settings)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration.Sources.Clear();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase)
        {
            ["Http:Port"] = port.ToString(),
            ["Http:ManagementPort"] = "-1",
            ["Http:DrainDelay"] = "00:00:00",
            ["Http:RequestsPerMinutePerAddress"] = "1000000",
            ["Http:MaxBodyBytes"] = "100000000",
            ["Http:TrustedProxies"] = "127.0.0.1",
        });
        foreach (var (key, value) in settings)
            builder.Configuration[key] = value;
        builder.Services.AddSingleton(new DatabaseServer("Host=127.0.0.1", "none"));
        builder.Services.AddSingleton<IVerificationKeys>(tokens);
        builder.AddPlatform([new EdgeService(name)], system: [], backends: [], complete: _ => { });
        builder.Services.AddSingleton(new SystemServices([]));
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.UseWebSockets();
        app.UsePlatform();
        await app.StartAsync(CancellationToken.None);
        return new EdgeInstance(app);
    }

    /// <summary>A test may end it before its end.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, true))
            return;
        await _app.StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
    }
}

/// <summary>The gateway in this process, before <see cref="EdgeInstance"/>s.</summary>
internal sealed class GatewayHost : IAsyncDisposable
{
    private readonly TestTokens _tokens;

    private GatewayHost(WebApplication app, TestTokens tokens)
    {
        (App, _tokens) = (app, tokens);
        var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;
        Address = new Uri(addresses.First(address => address.StartsWith("http:", StringComparison.Ordinal)));
        SecureAddress = addresses.Where(address => address.StartsWith("https:", StringComparison.Ordinal)).Select(address => new Uri(address)).FirstOrDefault();
    }

    public WebApplication App { get; }

    public Uri Address { get; }

    public Uri? SecureAddress { get; }

    public static async Task<GatewayHost> StartAsync(TestTokens tokens, IReadOnlyList<EdgeInstance> destinations, params (string Key, string Value)[] settings)
    {
        var values = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase)
        {
            ["Http:Port"] = "0",
            ["Http:ManagementPort"] = "0",
            ["Http:DrainDelay"] = "00:00:00",
            ["Http:RequestsPerMinutePerUser"] = "1000000",
            ["Http:RequestsPerMinutePerAddress"] = "1000000",
            ["Gateway:Destinations:edge"] = string.Join(',', destinations.Select(destination => destination.Address)),
            ["Gateway:HealthInterval"] = "00:00:00.100",
            ["Gateway:FailurePause"] = "00:00:00.200",
        };
        foreach (var (key, value) in settings)
            values[key] = value;
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(values).Build();
        var app = GatewayApplication.Build(configuration, CatalogueOf(configuration), builder =>
        {
            builder.Logging.ClearProviders();
            builder.Services.AddSingleton<IVerificationKeys>(tokens);
        });
        await app.StartAsync(CancellationToken.None);
        return new GatewayHost(app, tokens);
    }

    /// <summary>The system as the gateway knows it here: one service.</summary>
    public static SystemCatalogue CatalogueOf(IConfiguration configuration) => GatewayApplication.Catalogue([new EdgeService()], configuration);

    public HttpClient Anonymous() => new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = Address };

    public HttpClient ClientOf(Guid userId, string role = Roles.User)
    {
        var client = Anonymous();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", _tokens.Sign(userId, role, "UTC", DateTimeOffset.UtcNow));
        return client;
    }

    public async ValueTask DisposeAsync()
    {
        await App.StopAsync(CancellationToken.None);
        await App.DisposeAsync();
    }
}
