using System.Net.Http.Headers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Mneme.Platform.Hosting;
using Mneme.Platform.Messaging;
using Mneme.Platform.Persistence;
using Mneme.Platform.Security;
using Mneme.Platform.Services;
using Npgsql;

namespace Mneme.IntegrationTests.Support;

/// <summary>The whole application in this process, over real HTTP and PostgreSQL, with a clock that tests can move.</summary>
public sealed class TestApplication : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly TestTokens _tokens;
    private readonly string _dataFolder;

    private TestApplication(WebApplication app, TestClock clock, TestTokens tokens, string dataFolder)
    {
        (_app, Clock, _tokens, _dataFolder) = (app, clock, tokens, dataFolder);
        Address = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
    }

    public TestClock Clock { get; }

    public Uri Address { get; }

    /// <summary>The folder that mail and files are written to.</summary>
    public string DataFolder => _dataFolder;

    public IServiceProvider Services => _app.Services;

    /// <param name="postgres">The server.</param>
    /// <param name="prefix">Prefix of the databases' names: the same one makes a second instance on the same databases.</param>
    /// <param name="settings">Configuration as in the environment, with <c>:</c> between section and key.</param>
    /// <param name="customize">Replaces outside systems.</param>
    /// <param name="clock">A clock shared with another instance.</param>
    /// <param name="services">The services; null for all of the catalog.</param>
    public static async Task<TestApplication> StartAsync(
        PostgresServer postgres, string? prefix = null, IReadOnlyDictionary<string, string?>? settings = null, Action<WebApplicationBuilder>? customize = null, TestClock? clock = null,
        IReadOnlyList<IService>? services = null)
    {
        clock ??= new TestClock();
        prefix ??= "t" + Guid.NewGuid().ToString("n")[..12];
        var tokens = new TestTokens();
        var dataFolder = Directory.CreateTempSubdirectory("mneme-test-data-").FullName;
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase)
        {
            ["Http:Port"] = "0",
            ["Http:ManagementPort"] = "0",
            ["Http:RequestsPerMinutePerUser"] = "1000000",
            ["Http:RequestsPerMinutePerAddress"] = "1000000",
            ["Messaging:PollInterval"] = "00:00:00.200",
            // A child would be another copy of the test runner.
            ["Messaging:HeavyJobs"] = "Here",
            ["Messaging:RetryDelay"] = "00:00:00.050",
            ["Data:Folder"] = dataFolder,
        }).AddInMemoryCollection(settings ?? new Dictionary<string, string?>(StringComparer.Ordinal)).Build();
        var app = MnemeApplication.Build(services ?? ServiceCatalog.All, configuration, new DatabaseServer(postgres.ConnectionString, prefix), builder =>
        {
            builder.Logging.ClearProviders();
            builder.Services.Replace(ServiceDescriptor.Singleton<TimeProvider>(clock));
            customize?.Invoke(builder);
            var own = builder.Services.LastOrDefault(d => d.ServiceType == typeof(IVerificationKeys));
            builder.Services.AddSingleton<IVerificationKeys>(provider =>
            {
                tokens.Inner = own switch
                {
                    { ImplementationFactory: { } factory } => (IVerificationKeys)factory(provider),
                    { ImplementationType: { } type } => (IVerificationKeys)provider.GetRequiredService(type),
                    _ => null,
                };
                return tokens;
            });
        });
        await app.Services.MigrateAsync(CancellationToken.None);
        await app.StartAsync(CancellationToken.None);
        return new TestApplication(app, clock, tokens, dataFolder);
    }

    /// <summary>A client without a token.</summary>
    public HttpClient Anonymous() => new() { BaseAddress = new Uri(Address, "/api/v1/") };

    /// <summary>A client with a token of somebody who was never registered.</summary>
    public HttpClient ClientOf(Guid userId, string role = Roles.User, string timeZone = "Europe/Berlin", Guid? sessionId = null)
    {
        var client = Anonymous();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", _tokens.Sign(userId, role, timeZone, Clock.GetUtcNow(), sessionId));
        return client;
    }

    public HttpClient Admin() => ClientOf(Guid.NewGuid(), Roles.Admin);

    /// <summary>Delivers an event to every service that wants it, as a broker does; more than once if asked to.</summary>
    public async Task DeliverAsync(IIntegrationEvent integrationEvent, int times = 1, string source = "test")
    {
        var envelope = EventEnvelope.Of(integrationEvent, source, Clock.GetUtcNow(), traceParent: null);
        for (var i = 0; i < times; i++)
            await PublishAsync([envelope]);
    }

    public Task PublishAsync(IReadOnlyList<EventEnvelope> envelopes) => Services.GetRequiredService<IEventTransport>().PublishAsync(envelopes, CancellationToken.None);

    /// <summary>A service's database.</summary>
    public NpgsqlDataSource Database(string service) => Services.GetRequiredService<Databases>().DataSource(service);

    public async Task<T?> QueryAsync<T>(string service, string sql, params object[] parameters)
    {
        await using var command = Database(service).CreateCommand(sql);
        foreach (var parameter in parameters)
            command.Parameters.Add(new NpgsqlParameter { Value = parameter });
        return await command.ExecuteScalarAsync() is { } value and not DBNull ? (T)value : default;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        Directory.Delete(_dataFolder, recursive: true);
    }
}

/// <summary>
/// The fixture of the whole run: one PostgreSQL, and one application for all tests which neither move the clock nor need settings of their own.
/// </summary>
public sealed class SharedApplication : IAsyncLifetime
{
    public PostgresServer Postgres { get; } = new();

    public TestApplication App { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        await Postgres.StartAsync();
        App = await TestApplication.StartAsync(Postgres);
    }

    public async ValueTask DisposeAsync()
    {
        await App.DisposeAsync();
        await Postgres.DisposeAsync();
    }
}
