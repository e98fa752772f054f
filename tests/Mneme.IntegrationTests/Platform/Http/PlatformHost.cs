using System.Net.Http.Headers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Mneme.IntegrationTests.Platform.Probe;
using Mneme.IntegrationTests.Support;
using Mneme.Platform.Hosting;
using Mneme.Platform.Persistence;
using Mneme.Platform.Security;
using Mneme.Platform.Services;

namespace Mneme.IntegrationTests.Platform.Http;

/// <summary>The platform with nothing on it but <see cref="ProbeService"/>.</summary>
public sealed class PlatformHost : IAsyncDisposable
{
    private readonly TestTokens _tokens;

    private PlatformHost(WebApplication app, TestTokens tokens)
    {
        (App, _tokens) = (app, tokens);
        Address = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        Management = app.Services.GetRequiredService<ManagementListener>().Address;
    }

    public WebApplication App { get; }

    public Uri Address { get; }

    public Uri? Management { get; }

    public ProbeGate Gate => App.Services.GetRequiredService<ProbeControl>().Gate;

    public static async Task<PlatformHost> StartAsync(
        PostgresServer postgres, IReadOnlyDictionary<string, string?>? settings = null, Action<WebApplicationBuilder>? customize = null, bool isMigrated = true)
    {
        var tokens = new TestTokens();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration.Sources.Clear();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase)
        {
            ["Http:Port"] = "0",
            ["Http:ManagementPort"] = "0",
            ["Http:RequestsPerMinutePerAddress"] = "100000",
        }).AddInMemoryCollection(settings ?? new Dictionary<string, string?>(StringComparer.Ordinal));
        builder.Services.AddSingleton(new DatabaseServer(postgres.ConnectionString, "p" + Guid.NewGuid().ToString("n")[..12]));
        builder.AddPlatform([new ProbeService(new ProbeControl())], system: [], backends: [], complete: _ => { });
        builder.Services.AddSingleton(new SystemServices(["probe"]));
        builder.Services.AddSingleton<IVerificationKeys>(tokens);
        builder.Logging.ClearProviders();
        customize?.Invoke(builder);
        var app = builder.Build();
        app.UsePlatform();
        if (isMigrated)
            await app.Services.MigrateAsync(CancellationToken.None);
        await app.StartAsync(CancellationToken.None);
        return new PlatformHost(app, tokens);
    }

    public HttpClient Anonymous() => new() { BaseAddress = Address };

    public HttpClient ClientOf(Guid userId, string role = Roles.User)
    {
        var client = Anonymous();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", _tokens.Sign(userId, role, "UTC", DateTimeOffset.UtcNow));
        return client;
    }

    public async ValueTask DisposeAsync()
    {
        await App.StopAsync();
        await App.DisposeAsync();
    }
}

/// <summary>One host for all tests of the pipeline that need no settings of their own.</summary>
public sealed class SharedPlatform(SharedApplication shared) : IAsyncLifetime
{
    public PlatformHost Host { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Host = await PlatformHost.StartAsync(shared.Postgres);

    public ValueTask DisposeAsync() => Host.DisposeAsync();
}

[CollectionDefinition(nameof(SharedPlatform))]
public sealed class SharedPlatformTests : ICollectionFixture<SharedPlatform>;
