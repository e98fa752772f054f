using Mneme.Platform.Hosting;
using Mneme.Platform.Persistence;
using Mneme.Platform.Services;

namespace Mneme.Cli;

/// <summary>An installation for commands that work on its data: its services are built, and not started.</summary>
internal sealed class Installation : IAsyncDisposable
{
    private readonly ILoggerFactory _loggers;
    private readonly DatabaseAccess _database;
    private readonly WebApplication _app;

    private Installation(ILoggerFactory loggers, DatabaseAccess database, WebApplication app) => (_loggers, _database, _app) = (loggers, database, app);

    public IServiceProvider Services => _app.Services;

    public IReadOnlyList<ServiceDescription> Storing => [.. Services.GetRequiredService<ServiceRegistry>().Services.Where(s => s.Database is not null)];

    /// <param name="configuration">Everything that was configured.</param>
    /// <param name="ct">Cancels the opening.</param>
    /// <param name="services">The services; null for all of them.</param>
    public static async Task<Installation> OpenAsync(IConfiguration configuration, CancellationToken ct, IReadOnlyList<IService>? services = null)
    {
        var loggers = LoggerFactory.Create(logging => logging.AddPlatformLogging(configuration).SetMinimumLevel(LogLevel.Warning));
        var database = await DatabaseAccess.JoinOrStartAsync(configuration, loggers, ct);
        var app = MnemeApplication.Build(services ?? ServiceCatalog.All, configuration, database.Server);
        await database.Server.CreateMissingAsync(app.Services.GetRequiredService<Databases>().Services, ct);
        return new Installation(loggers, database, app);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        await _database.DisposeAsync();
        _loggers.Dispose();
    }
}
