using Microsoft.Extensions.Logging;
using Mneme.Platform.Persistence.Cluster;

namespace Mneme.Platform.Persistence.Backup;

/// <summary>
/// <c>mneme backup</c> and <c>mneme restore</c>: all databases and all files of an installation in one archive (a plain tar with a
/// <c>pg_dump</c> file per database, the data folder's files and a manifest), taken while the program runs or stands still.
/// </summary>
/// <remarks>
/// <para>
/// <b>One point for all databases.</b> Services keep their data apart and tell each other of changes by events, so two databases saved at
/// different moments contradict each other. A consumer saved later has handled events whose causes the producer's copy does not know: points
/// for reviews that never were. A consumer saved earlier lacks the effects of events that the producer's outbox already calls delivered:
/// they are lost, as nothing sends them again. The inbox mends neither. At one point of the server's history the state is one in which the
/// program could have been killed: an event is in the outbox, not yet delivered, or its effect and its inbox record are there; delivery
/// goes on after the restore, and the inbox takes care of what is sent twice. So all dumps are taken from snapshots that are proven to be
/// the same point (<see cref="OneSnapshot"/>).
/// </para>
/// <para>
/// <b>Why not a physical copy</b> (pg_basebackup), which has one point by its nature: it can only be read by the same major version, only
/// into a private cluster, and is not to be had from a server by URL. This way is the same for both, and an archive moves an installation
/// from one to the other and to newer versions.
/// </para>
/// <para>
/// <b>Files</b> are written before the row that names them and never changed. They are read twice, before and after the databases' point:
/// the first pass has what is deleted meanwhile, the second what came just before the point. A file may be in the archive without its row
/// (it came after the point); a row without its file only if a file was both made and deleted during the backup.
/// </para>
/// </remarks>
public static class Backups
{
    /// <summary>
    /// Writes an archive. It grows as <c>FILE.partial</c>, readable by its owner alone, and gets its name when it is complete and on disk.
    /// </summary>
    /// <param name="options">What is saved.</param>
    /// <param name="file">The archive; not inside the data folder.</param>
    /// <param name="progress">Told of every file and database.</param>
    /// <param name="logger">For the cluster, when it has to be started.</param>
    /// <param name="time">Stamps the manifest.</param>
    /// <param name="ct">Gives up; nothing remains.</param>
    /// <exception cref="BackupException">It cannot be made.</exception>
    /// <exception cref="ClusterException">The private cluster cannot be reached or started.</exception>
    public static async Task<BackupManifest> SaveAsync(
        BackupOptions options, string file, IProgress<BackupProgress>? progress, ILogger logger, TimeProvider time, CancellationToken ct)
    {
        var dataFolder = options.Cluster.DataFolder;
        PrivateCluster.EnsureNoRestoreIsUnfinished(dataFolder);
        if (options.ServerConnectionString is { } connectionString)
        {
            var remote = new BackupServer(connectionString, PostgresBinaries.FindClient(options.Cluster.BinariesFolder));
            return await BackupWriter.WriteAsync(remote, options, file, progress, time, ct);
        }

        if (ClusterPlace.FindExisting(dataFolder) is not { } directory)
            throw new BackupException($"There is nothing to save: {dataFolder} holds no database. Name the data folder with --data.");
        var binaries = PostgresBinaries.Find(options.Cluster.BinariesFolder, directory);
        await using var session = await ClusterSession.OpenAsync(options.Cluster, logger, time, ct);
        var server = new BackupServer(session.Address.ConnectionString("postgres"), binaries);
        return await BackupWriter.WriteAsync(server, options, file, progress, time, ct);
    }

    /// <summary>Reads an archive from end to end and compares every entry with its checksum; changes nothing.</summary>
    /// <exception cref="BackupException">It is none, damaged, truncated, dangerous, or of a newer program.</exception>
    public static async Task<BackupManifest> VerifyAsync(string file, IProgress<BackupProgress>? progress, CancellationToken ct)
    {
        await using var archive = ArchiveReader.Open(file);
        return await Task.Run(() => ArchiveReader.Verify(archive, progress, ct), ct);
    }

    /// <summary>
    /// Verifies an archive, then restores it into an empty data folder (and, with a server of one's own, into databases that do not exist or
    /// are empty). A failure or <paramref name="ct"/> leaves the folder empty again; after a crash the folder is marked, and no program
    /// starts on it.
    /// </summary>
    /// <exception cref="BackupException">It cannot be restored; nothing was changed.</exception>
    /// <exception cref="ClusterException">The private cluster cannot be made.</exception>
    public static async Task<BackupManifest> RestoreAsync(
        BackupOptions options, string file, IProgress<BackupProgress>? progress, ILogger logger, TimeProvider time, CancellationToken ct)
    {
        await using var archive = ArchiveReader.Open(file);
        var manifest = await Task.Run(() => ArchiveReader.Verify(archive, progress, ct), ct);
        await new Restoration(options, archive, manifest, progress, logger, time).RunAsync(ct);
        return manifest;
    }
}
