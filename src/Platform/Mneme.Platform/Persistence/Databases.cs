using System.Collections.Concurrent;
using Npgsql;

namespace Mneme.Platform.Persistence;

/// <summary>The pools of connections, one for each service's database.</summary>
public sealed class Databases(DatabaseServer server, DatabaseOptions options, IReadOnlyDictionary<string, int> poolSizes, Microsoft.Extensions.Logging.ILoggerFactory? loggers)
    : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, NpgsqlDataSource> _sources = new(StringComparer.Ordinal);

    /// <summary>Names of the services that own a database here.</summary>
    public IReadOnlyCollection<string> Services { get; } = [.. poolSizes.Keys];

    public NpgsqlDataSource DataSource(string service) => _sources.GetOrAdd(service, Create);

    public async ValueTask DisposeAsync()
    {
        foreach (var source in _sources.Values)
            await source.DisposeAsync();
    }

    private NpgsqlDataSource Create(string service)
    {
        var connection = new NpgsqlConnectionStringBuilder(server.ConnectionString(service))
        {
            ApplicationName = "mneme-" + service,
            MaxPoolSize = options.PoolSizeOf(poolSizes[service]),
            MinPoolSize = 0,
            ConnectionIdleLifetime = 60,
            Timeout = 5,
            CommandTimeout = (int)Math.Ceiling(options.StatementTimeout.TotalSeconds) + 5,
            KeepAlive = 30,
            // Statements are few and hot: preparing them saves a third of the server's work.
            MaxAutoPrepare = 100,
            AutoPrepareMinUsages = 3,
            NoResetOnClose = true,
            IncludeErrorDetail = false,
        };
        var timeouts = $"-c statement_timeout={(int)options.StatementTimeout.TotalMilliseconds} -c lock_timeout=5000 "
            + "-c idle_in_transaction_session_timeout=30000";
        connection.Options = connection.Options is { Length: > 0 } own ? $"{own} {timeouts}" : timeouts;
        // Names the pool in metrics; without a name it would be the connection string.
        var builder = new NpgsqlDataSourceBuilder(connection.ConnectionString) { Name = service };
        if (loggers is not null)
            builder.UseLoggerFactory(loggers);
        return builder.Build();
    }
}
