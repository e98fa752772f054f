using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Mneme.IntegrationTests.Support;
using Mneme.Platform.Asking;
using Mneme.Platform.Domain;
using Mneme.Platform.Hosting;
using Mneme.Platform.Messaging;
using Mneme.Platform.Persistence;
using Mneme.Platform.RabbitMq;
using Mneme.Platform.Redis;
using Mneme.Platform.Security;
using Mneme.Platform.Security.Certificates;
using Mneme.Platform.Services;

namespace Mneme.IntegrationTests.Platform.Asking;

/// <summary>A folder of certificates, made as an operator makes it.</summary>
public sealed class TestCertificates : IDisposable
{
    public TestCertificates(TestClock? clock = null, CertificateOptions? options = null, params string[] services)
    {
        Keeper = new CertificateKeeper(options ?? new CertificateOptions(), Folder, clock ?? new TestClock());
        Keeper.Init();
        Keeper.Issue(services.Length > 0 ? services : ["shop", "ledger", "prices"]);
    }

    public string Folder { get; } = Directory.CreateTempSubdirectory("mneme-test-certs-").FullName;

    public CertificateKeeper Keeper { get; }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}

/// <summary>One process' worth of services, with the real listener for asking on a free port.</summary>
public sealed class AskNode : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly LogKeeper _log;
    private bool _isStopped;

    private AskNode(WebApplication app, LogKeeper log) => (_app, _log) = (app, log);

    public Uri Address => Services.GetRequiredService<AskListener>().Address!;

    public Uri PublicAddress => new(Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    public IServiceProvider Services => _app.Services;

    public IEnumerable<string> Log => _log.Lines;

    public static async Task<AskNode> StartAsync(
        TestCertificates certificates, IReadOnlyList<IService> services, TestClock? clock = null, Action<WebApplicationBuilder>? customize = null, params (string Key, string Value)[] settings)
    {
        var log = new LogKeeper();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration.Sources.Clear();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase)
        {
            ["Http:Port"] = "0",
            ["Http:ManagementPort"] = "-1",
            ["Http:DrainDelay"] = "00:00:00",
            ["Ask:Port"] = "0",
            ["Ask:RetryDelay"] = "00:00:00.005",
            ["Certificates:Folder"] = certificates.Folder,
        });
        foreach (var (key, value) in settings)
            builder.Configuration[key] = value;
        builder.Services.AddSingleton<TimeProvider>(clock ?? new TestClock());
        builder.Services.AddSingleton(new DatabaseServer("Host=127.0.0.1", "none"));
        builder.AddPlatform(services, system: [], [new RabbitMqBackend(), new RedisBackend()], complete: _ => { });
        builder.Services.AddSingleton(new SystemServices([]));
        builder.Services.AddSingleton<IVerificationKeys>(new TestTokens());
        builder.Logging.ClearProviders().AddProvider(log);
        customize?.Invoke(builder);
        var app = builder.Build();
        app.UsePlatform();
        if (app.Services.GetRequiredService<ServiceRegistry>().Services.Any(service => service.Database is not null))
            await app.Services.MigrateAsync(CancellationToken.None);
        await app.StartAsync(CancellationToken.None);
        return new AskNode(app, log);
    }

    /// <summary>Asks on behalf of a service that runs here.</summary>
    public async Task<Outcome<TResponse>> AskAsync<TResponse>(string asker, IAsk<TResponse> request, CancellationToken? ct = null)
        where TResponse : class
    {
        await using var scope = Services.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<CurrentService>().Name = asker;
        return await scope.ServiceProvider.GetRequiredService<IAsk>().Ask(request, ct ?? TestContext.Current.CancellationToken);
    }

    public Task StopAsync(CancellationToken ct = default)
    {
        _isStopped = true;
        return _app.StopAsync(ct);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_isStopped)
            await StopAsync();
        await _app.DisposeAsync();
    }

    private sealed class LogKeeper : ILoggerProvider, ILogger
    {
        private readonly ConcurrentQueue<string> _lines = new();

        public IEnumerable<string> Lines => _lines;

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            _lines.Enqueue($"{logLevel}: {formatter(state, exception)} {exception?.Message}");

        public void Dispose()
        {
        }
    }
}
