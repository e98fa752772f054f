using Microsoft.Extensions.Logging;
using Npgsql;

namespace Mneme.Platform.Persistence.Cluster;

/// <summary>
/// The program's own PostgreSQL: initialised on first use, reachable through a Unix socket only, started with the program, watched while
/// it runs and stopped with it. Never two on one data folder.
/// </summary>
public sealed class PrivateCluster : IAsyncDisposable
{
    private readonly ClusterPlace _place;
    private readonly RuntimeFolder _runtime;
    private readonly ServerSupervisor _supervisor;
    private readonly List<FolderLock> _locks;

    private PrivateCluster(ClusterPlace place, RuntimeFolder runtime, ServerSupervisor supervisor, List<FolderLock> locks)
    {
        (_place, _runtime, _supervisor, _locks) = (place, runtime, supervisor, locks);
        supervisor.Restarted += (_, e) => Restarted?.Invoke(this, e);
    }

    /// <summary>Raised after the server came back from a fall or a restart; pooled connections from before are dead.</summary>
    public event EventHandler? Restarted;

    /// <summary>Where the server is now.</summary>
    public ClusterAddress Address => new(SocketDirectory, ProcessId, DataDirectory);

    /// <summary>The folder of the server's socket; stays the same while the program runs.</summary>
    public string SocketDirectory => _runtime.SocketDirectory;

    /// <summary>The cluster's own folder (PGDATA).</summary>
    public string DataDirectory => _place.DataDirectory;

    /// <summary>The postmaster's process id; changes when the server is restarted, and is zero while it is down.</summary>
    public int ProcessId => _supervisor.ProcessId;

    /// <summary>
    /// Starts the data folder's cluster, initialising it first when there is none, and completes when it accepts connections. Recovery after
    /// a crash takes as long as it takes; <paramref name="ct"/> gives up.
    /// </summary>
    /// <exception cref="ClusterLockedException">Another program runs on the data folder.</exception>
    /// <exception cref="ClusterException">It cannot be started; the message says why and what to do.</exception>
    public static async Task<PrivateCluster> StartAsync(PrivateClusterOptions options, ILogger logger, TimeProvider time, CancellationToken ct)
    {
        var locks = new List<FolderLock>();
        RuntimeFolder? runtime = null;
        try
        {
            var (place, binaries) = await Task.Run(() => Prepare(options, locks, logger, ct), ct);
            runtime = RuntimeFolder.Prepare(place, options.RuntimeFolder);
            var supervisor = new ServerSupervisor(place, runtime, binaries, options, logger, time);
            await supervisor.StartAsync(ct);
            return new PrivateCluster(place, runtime, supervisor, locks);
        }
        catch (Exception e)
        {
            runtime?.Remove();
            locks.ForEach(l => l.Dispose());
            if (e is IOException or UnauthorizedAccessException)
                throw new ClusterException($"The private PostgreSQL cluster of {options.DataFolder} cannot be used: {e.Message}", e);
            throw;
        }
    }

    /// <summary>The major version of PostgreSQL that would serve this data folder.</summary>
    /// <exception cref="ClusterException">None that is installed can.</exception>
    public static int FindVersion(PrivateClusterOptions options) =>
        PostgresBinaries.Find(options.BinariesFolder, ClusterPlace.FindExisting(options.DataFolder) ?? "").Major;

    /// <summary>The cluster that a program (this one or another) runs on a data folder; null when none does.</summary>
    /// <exception cref="ClusterException">The cluster belongs to a user whose files this one cannot read.</exception>
    public static ClusterAddress? FindRunning(string dataFolder)
    {
        try
        {
            return ClusterPlace.FindExisting(dataFolder) is { } directory
                && PostmasterFile.Read(directory) is { Ready: true } file
                && LiveServers.IsServer(file.ProcessId, directory)
                    ? new(file.SocketDirectory, file.ProcessId, directory)
                    : null;
        }
        catch (UnauthorizedAccessException e)
        {
            throw new ClusterException($"The database of {dataFolder} belongs to another user: run as root or as that user.", e);
        }
    }

    /// <inheritdoc cref="ClusterAddress.ConnectionString(string, Action{NpgsqlConnectionStringBuilder})"/>
    public string ConnectionString(string database, Action<NpgsqlConnectionStringBuilder>? configure = null) =>
        ClusterAddress.ConnectionString(SocketDirectory, database, configure);

    /// <summary>Creates a database unless it exists. Safe when several callers ask at once.</summary>
    public Task CreateDatabaseIfMissingAsync(string name, CancellationToken ct) =>
        ClusterDatabases.CreateIfMissingAsync(ConnectionString("postgres"), name, ct);

    /// <summary>Stops the server for good: SIGINT, or SIGQUIT when <paramref name="immediate"/> (the next start then recovers from the log).</summary>
    public async Task StopAsync(bool immediate = false)
    {
        await _supervisor.StopAsync(forGood: true, immediate);
        if (_locks.Count == 0) return;
        _runtime.Remove();
        _locks.ForEach(l => l.Dispose());
        _locks.Clear();
    }

    /// <summary>For fault tests: kills the postmaster (SIGKILL); the supervisor starts it again.</summary>
    public void KillServer() => _supervisor.Signal(Posix.SigKill);

    /// <summary>For fault tests and maintenance: stops the server and keeps it down until <see cref="StartServerAsync"/>.</summary>
    public Task StopServerAsync(bool immediate) => _supervisor.StopAsync(forGood: false, immediate);

    /// <summary>Ends <see cref="StopServerAsync"/>; completes when the server accepts connections.</summary>
    public Task StartServerAsync(CancellationToken ct) => _supervisor.ResumeAsync(ct);

    /// <summary>Stops and starts the server; completes when it accepts connections again.</summary>
    public async Task RestartAsync(bool immediate, CancellationToken ct)
    {
        await StopServerAsync(immediate);
        await StartServerAsync(ct);
    }

    public async ValueTask DisposeAsync() => await StopAsync();

    /// <summary>The file that marks a data folder from the beginning of a restore to its end.</summary>
    internal const string RestoreMarker = "restore.unfinished";

    /// <summary>Refuses a data folder in which a restore was interrupted. For programs that use a server of their own; a private cluster checks it itself.</summary>
    /// <exception cref="ClusterException">A restore into the folder did not finish.</exception>
    public static void EnsureNoRestoreIsUnfinished(string dataFolder)
    {
        if (File.Exists(Path.Combine(dataFolder, RestoreMarker)))
            throw new ClusterException($"A restore into {dataFolder} is running or was interrupted, so what lies there is incomplete. Empty the folder, then restore again.");
    }

    private static (ClusterPlace Place, PostgresBinaries Binaries) Prepare(
        PrivateClusterOptions options, List<FolderLock> locks, ILogger logger, CancellationToken ct)
    {
        Directory.CreateDirectory(options.DataFolder);
        var dataFolder = Posix.RealPath(options.DataFolder);
        locks.Add(FolderLock.Take(dataFolder));
        if (!options.ForRestore) EnsureNoRestoreIsUnfinished(dataFolder);
        var place = ClusterPlace.Settle(dataFolder, options.OutsideFolder);
        if (place.IsOutside)
        {
            // The same cluster may be reached under two names of one data folder (a bind mount); its own lock is the last word.
            locks.Add(FolderLock.Take(place.Parent));
            ClusterLog.LiesOutside(logger, dataFolder, place.DataDirectory, place.User.Name);
        }

        var binaries = PostgresBinaries.Find(options.BinariesFolder, place.DataDirectory);
        ClusterInitialiser.InitialiseIfMissing(place, binaries, logger, ct);
        return (place, binaries);
    }
}
