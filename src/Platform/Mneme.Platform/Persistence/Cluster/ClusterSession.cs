using Microsoft.Extensions.Logging;

namespace Mneme.Platform.Persistence.Cluster;

/// <summary>
/// A cluster for a short task (a command of the CLI): the one that a running program owns, or, when none runs, one started here and
/// stopped with the session.
/// </summary>
public sealed class ClusterSession : IAsyncDisposable
{
    private readonly PrivateCluster? _started;

    private ClusterSession(ClusterAddress address, PrivateCluster? started) => (Address, _started) = (address, started);

    public ClusterAddress Address { get; }

    /// <summary>Whether the server belongs to another process and keeps running after this session.</summary>
    public bool Joined => _started is null;

    /// <summary>Joins the cluster that runs on the data folder, or starts it.</summary>
    public static async Task<ClusterSession> OpenAsync(
        PrivateClusterOptions options, ILogger logger, TimeProvider time, CancellationToken ct)
    {
        var deadline = time.GetTimestamp();
        while (true)
        {
            if (PrivateCluster.FindRunning(options.DataFolder) is { } running) return new(running, started: null);
            try
            {
                var started = await PrivateCluster.StartAsync(options, logger, time, ct);
                return new(started.Address, started);
            }
            catch (ClusterLockedException) when (time.GetElapsedTime(deadline) < TimeSpan.FromSeconds(30))
            {
                // The holder is starting or stopping its server; either ends soon.
                await Task.Delay(TimeSpan.FromMilliseconds(100), time, ct);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_started is not null) await _started.DisposeAsync();
    }
}
