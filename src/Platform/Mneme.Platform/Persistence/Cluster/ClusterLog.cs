using Microsoft.Extensions.Logging;

namespace Mneme.Platform.Persistence.Cluster;

internal static partial class ClusterLog
{
    [LoggerMessage(LogLevel.Information, "Initialising the PostgreSQL {Version} cluster {DataDirectory} for the user {User}")]
    public static partial void Initialising(ILogger logger, string dataDirectory, int version, string user);

    [LoggerMessage(LogLevel.Information, "The data folder {DataFolder} cannot be entered by the server's user {User}; its database lies in {DataDirectory} (named in the data folder's postgres.location)")]
    public static partial void LiesOutside(ILogger logger, string dataFolder, string dataDirectory, string user);

    [LoggerMessage(LogLevel.Warning, "Removing {Folder}, left by an interrupted initialisation")]
    public static partial void RemovingLeftover(ILogger logger, string folder);

    [LoggerMessage(LogLevel.Warning, "{Folder} could not be removed yet: {Reason}")]
    public static partial void LeftoverStays(ILogger logger, string folder, string reason);

    [LoggerMessage(LogLevel.Information, "PostgreSQL {Version} runs as process {ProcessId} on {DataDirectory}, ready after {Milliseconds} ms")]
    public static partial void Running(ILogger logger, int version, int processId, string dataDirectory, long milliseconds);

    [LoggerMessage(LogLevel.Information, "PostgreSQL is still starting (recovering after a crash may take a while)")]
    public static partial void StillStarting(ILogger logger);

    [LoggerMessage(LogLevel.Information, "PostgreSQL stopped")]
    public static partial void Stopped(ILogger logger);

    [LoggerMessage(LogLevel.Error, "PostgreSQL (process {ProcessId}) ended unexpectedly with code {ExitCode}; starting it again")]
    public static partial void Fell(ILogger logger, int processId, int exitCode);

    [LoggerMessage(LogLevel.Error, "PostgreSQL could not be started again, next attempt in {Delay}")]
    public static partial void StartAgainFailed(ILogger logger, Exception reason, TimeSpan delay);

    [LoggerMessage(LogLevel.Warning, "Stopping PostgreSQL process {ProcessId}, which an earlier program left on {DataDirectory}")]
    public static partial void StoppingOrphan(ILogger logger, int processId, string dataDirectory);

    [LoggerMessage(LogLevel.Warning, "Removing a stale postmaster.pid: process {ProcessId} is another program by now")]
    public static partial void RemovingStaleProcessFile(ILogger logger, int processId);

    [LoggerMessage(LogLevel.Warning, "PostgreSQL (process {ProcessId}) did not stop in time; sending signal {Signal}")]
    public static partial void Escalating(ILogger logger, int processId, int signal);
}
