using Microsoft.Extensions.Logging;
using Npgsql;

namespace Mneme.Platform.Persistence.Cluster;

/// <summary>
/// The program's own PostgreSQL: initialised on first use, reachable through a Unix socket only, started with the program, watched while
/// it runs and stopped with it. Never two on one data folder.
/// </summary>
public sealed class PrivateCluster : IAsyncDisposable
{
    private PrivateCluster() => Address = new("", 0, "");

    /// <summary>Where the server is; the process id changes when it is restarted.</summary>
    public ClusterAddress Address { get; }

    public string SocketDirectory => Address.SocketDirectory;

    /// <summary>The postmaster's process id; changes when the server is restarted.</summary>
    public int ProcessId => Address.ProcessId;

    /// <summary>Raised after the server came back from a fall or a restart; pooled connections from before are dead.</summary>
    public event EventHandler? Restarted;

    /// <summary>Starts the cluster in <c>{DataFolder}/postgres</c>, initialising it first when there is none.</summary>
    /// <exception cref="ClusterLockedException">Another program runs on the data folder.</exception>
    /// <exception cref="ClusterException">It cannot be started; the message says why and what to do.</exception>
    public static Task<PrivateCluster> StartAsync(PrivateClusterOptions options, ILogger logger, TimeProvider time, CancellationToken ct) =>
        throw new ClusterException("");

    /// <summary>The address of the cluster that a program (this one or another) runs on a data folder; null when none does.</summary>
    public static ClusterAddress? FindRunning(string dataFolder) => null;

    /// <summary>An Npgsql connection string over the socket; see <see cref="ClusterAddress.ConnectionString(string, Action{NpgsqlConnectionStringBuilder})"/>.</summary>
    public string ConnectionString(string database, Action<NpgsqlConnectionStringBuilder>? configure = null) =>
        Address.ConnectionString(database, configure);

    /// <summary>Creates a database unless it exists. Safe when several callers ask at once.</summary>
    public Task CreateDatabaseIfMissingAsync(string name, CancellationToken ct) => Task.CompletedTask;

    /// <summary>Stops the server for good: SIGINT, or SIGQUIT when <paramref name="immediate"/> (the next start then recovers from the WAL).</summary>
    public Task StopAsync(bool immediate = false) => Task.CompletedTask;

    /// <summary>For fault tests: kills the postmaster (SIGKILL); the supervisor starts it again.</summary>
    public void KillServer() => Restarted?.Invoke(this, EventArgs.Empty);

    /// <summary>For fault tests and maintenance: stops the server and keeps it down until <see cref="StartServerAsync"/>.</summary>
    public Task StopServerAsync(bool immediate, CancellationToken ct) => Task.CompletedTask;

    /// <summary>Ends <see cref="StopServerAsync"/>; completes when the server accepts connections.</summary>
    public Task StartServerAsync(CancellationToken ct) => Task.CompletedTask;

    /// <summary>Stops and starts the server; completes when it accepts connections again.</summary>
    public Task RestartAsync(bool immediate, CancellationToken ct) => Task.CompletedTask;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
