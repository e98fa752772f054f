using Mneme.Platform.Configuration;
using Mneme.Platform.Persistence;
using Mneme.Platform.Persistence.Cluster;

namespace Mneme.Cli;

/// <summary>The database server that a command works with: the configured one, or the data folder's private cluster.</summary>
internal sealed class DatabaseAccess : IAsyncDisposable
{
    private readonly PrivateCluster? _cluster;

    private DatabaseAccess(DatabaseServer server, PrivateCluster? cluster) => (Server, _cluster) = (server, cluster);

    public DatabaseServer Server { get; }

    /// <summary>Whether the private cluster is used and was started here.</summary>
    public bool OwnsCluster => _cluster is not null;

    /// <summary>For the program itself: starts the private cluster, which then lives as long as this.</summary>
    /// <param name="configuration">Says which server.</param>
    /// <param name="loggers">For the private cluster.</param>
    /// <param name="ct">Gives up.</param>
    /// <param name="connections">What the private cluster is to accept.</param>
    public static Task<DatabaseAccess> StartAsync(IConfiguration configuration, ILoggerFactory loggers, CancellationToken ct, int connections = PrivateClusterOptions.MaxConnections) =>
        OpenAsync(configuration, loggers, mayJoin: false, connections, ct);

    /// <summary>For other commands: joins the cluster of a running program, or starts it for as long as the command takes.</summary>
    public static Task<DatabaseAccess> JoinOrStartAsync(IConfiguration configuration, ILoggerFactory loggers, CancellationToken ct) =>
        OpenAsync(configuration, loggers, mayJoin: true, PrivateClusterOptions.MaxConnections, ct);

    public async ValueTask DisposeAsync()
    {
        if (_cluster is not null)
            await _cluster.DisposeAsync();
    }

    private static async Task<DatabaseAccess> OpenAsync(IConfiguration configuration, ILoggerFactory loggers, bool mayJoin, int connections, CancellationToken ct)
    {
        var options = configuration.Read<DatabaseOptions>();
        if (options.Url is { Length: > 0 } url)
        {
            try
            {
                return new DatabaseAccess(new DatabaseServer(DatabaseServer.ParseUrl(url), options.Prefix), cluster: null);
            }
            catch (FormatException e)
            {
                throw new OperatorException(e.Message);
            }
        }

        var folder = Path.GetFullPath(configuration.Read<DataOptions>().Folder);
        if (mayJoin && PrivateCluster.FindRunning(folder) is { } running)
            return new DatabaseAccess(new DatabaseServer(running.ConnectionString("postgres"), options.Prefix), cluster: null);
        var cluster = await PrivateCluster.StartAsync(
            new PrivateClusterOptions { DataFolder = folder, Connections = connections }, loggers.CreateLogger<PrivateCluster>(), TimeProvider.System, ct);
        return new DatabaseAccess(new DatabaseServer(cluster.ConnectionString("postgres"), options.Prefix), cluster);
    }
}
