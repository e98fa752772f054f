using Microsoft.Extensions.Logging;

namespace Mneme.Platform.Persistence.Cluster;

/// <summary>
/// Ends whatever still runs on a cluster's folder before a server is started on it. Normally nothing does: the kernel stops the server when
/// the program dies. An orphan is stopped rather than adopted, because only a server that this program started dies with it and tells it
/// when it falls. Backends without their postmaster count too: as long as one writes, a new server must not start.
/// </summary>
internal static class OrphanedServers
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan QuitLimit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan KillLimit = TimeSpan.FromSeconds(8);

    /// <returns>Whether nothing lives there any more; false if it was given up because no server is wanted now.</returns>
    public static bool Stop(string dataDirectory, TimeSpan fastLimit, ILogger logger, TimeProvider time, Func<bool> isWanted)
    {
        var began = time.GetTimestamp();
        var sent = 0;
        while (true)
        {
            var living = LiveServers.On(dataDirectory);
            if (living.Count == 0) return true;
            if (!isWanted()) return false;
            var elapsed = time.GetElapsedTime(began);
            var signal = elapsed > fastLimit + KillLimit ? Posix.SigKill
                : elapsed > fastLimit + QuitLimit || Bereaved(dataDirectory, living) ? Posix.SigQuit
                : Posix.SigInt;
            if (signal != sent)
            {
                // A postmaster ends its own backends, except when it must be killed itself.
                var addressees = signal == Posix.SigInt ? LiveServers.Postmasters(living) : living;
                foreach (var process in addressees)
                {
                    ClusterLog.StoppingOrphan(logger, process.ProcessId, dataDirectory);
                    Posix.Signal(process.ProcessId, signal);
                }

                sent = signal;
            }

            if (elapsed > fastLimit + KillLimit + QuitLimit)
                throw new ClusterException($"The PostgreSQL process {living[0].ProcessId} on {dataDirectory} cannot be stopped: end it (kill -9 {living[0].ProcessId}), then start again.");
            Pause.For(Poll, time);
        }
    }

    /// <summary>Whether only backends are left: their postmaster, which postmaster.pid names, is gone.</summary>
    private static bool Bereaved(string dataDirectory, List<LiveServers.Found> living) =>
        PostmasterFile.Read(dataDirectory) is { } file && living.TrueForAll(p => p.ProcessId != file.ProcessId);
}

/// <summary>Waiting on the supervisor's own thread.</summary>
internal static class Pause
{
    public static void For(TimeSpan duration, TimeProvider time) => Task.Delay(duration, time).GetAwaiter().GetResult();
}
