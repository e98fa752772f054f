using System.Text;
using Microsoft.Extensions.Logging;
using Mneme.Platform.Persistence.Cluster;
using Npgsql;

namespace Mneme.Platform.Persistence.Backup;

/// <summary>One restore of a verified archive.</summary>
/// <remarks>
/// It works in the data folder itself, not aside with a rename at the end, because a data folder may be a mount point (which cannot be
/// replaced) and its cluster may lie elsewhere. Instead a marker is written first and removed last: while it is there, no program starts on
/// the folder, so that a half restored one is never used.
/// </remarks>
internal sealed class Restoration(
    BackupOptions options, FileStream archive, BackupManifest manifest, IProgress<BackupProgress>? progress, ILogger logger, TimeProvider time)
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly string _dataFolder = Path.GetFullPath(options.Cluster.DataFolder);
    private readonly List<string> _created = [];

    private string Marker => Path.Combine(_dataFolder, PrivateCluster.RestoreMarker);

    private string Dumps => Path.Combine(_dataFolder, "restore.dumps");

    public async Task RunAsync(CancellationToken ct)
    {
        CheckVersion();
        CheckFolder();
        var server = options.ServerConnectionString is { } url ? new BackupServer(url, PostgresBinaries.FindClient(options.Cluster.BinariesFolder)) : null;
        if (server is not null) await CheckServerAsync(server, ct);
        Mark();
        try
        {
            await Task.Run(() => Extract(ct), ct);
            if (server is not null) await FillAsync(server, atOnce: true, ct);
            else await FillPrivateAsync(ct);
            Directory.Delete(Dumps, recursive: true);
            Posix.FlushFolder(_dataFolder);
            File.Delete(Marker);
            Posix.FlushFolder(_dataFolder);
        }
        catch (Exception e)
        {
            await UndoAsync(server);
            if (e is BackupException or ClusterException or OperationCanceledException) throw;
            throw new BackupException($"The restore failed, and {_dataFolder} is empty again: {e.Message}", e);
        }
    }

    private void CheckVersion()
    {
        var binaries = options.ServerConnectionString is null
            ? PostgresBinaries.Find(options.Cluster.BinariesFolder, _dataFolder)
            : PostgresBinaries.FindClient(options.Cluster.BinariesFolder);
        if (binaries.Major < manifest.PostgresVersion)
            throw new BackupException($"The backup was made with PostgreSQL {manifest.PostgresVersion}, and the newest here is {binaries.Major}. As root: apt-get install postgresql-{manifest.PostgresVersion}");
    }

    private void CheckFolder()
    {
        if (!Directory.Exists(_dataFolder)) return;
        if (File.Exists(Marker)) PrivateCluster.EnsureNoRestoreIsUnfinished(_dataFolder);
        if (Directory.EnumerateFileSystemEntries(_dataFolder).FirstOrDefault(path => Path.GetFileName(path) != "lost+found") is { } something)
            throw new BackupException($"{_dataFolder} is not empty (it holds {Path.GetFileName(something)}), and a restore never overwrites: choose an empty or new folder with --data, or move this one away.");
    }

    private async Task CheckServerAsync(BackupServer server, CancellationToken ct)
    {
        var existing = await server.DatabasesAsync(ct);
        foreach (var name in manifest.Databases.Select(d => d.Name).Where(existing.Contains))
        {
            await using var connection = await server.OpenAsync(name, ct);
            if ((await BackupServer.CountRowsAsync(connection, ct)).Count != 0)
                throw new BackupException($"The server has a database {name} with tables in it, and a restore never overwrites: drop it or use another server.");
        }
    }

    private void Mark()
    {
        try
        {
            Directory.CreateDirectory(_dataFolder);
            using var marker = new FileStream(Marker, FileMode.CreateNew, FileAccess.Write);
            marker.Write(Encoding.UTF8.GetBytes($"Restoring {archive.Name} of {manifest.TakenAt:u}\n"));
            marker.Flush(flushToDisk: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BackupException($"{_dataFolder} cannot be written: {e.Message}", e);
        }

        Posix.FlushFolder(_dataFolder);
    }

    private void Extract(CancellationToken ct)
    {
        Posix.CreateFolder(Dumps, OwnerOnly);
        var expected = new Queue<BackupEntry>(manifest.Entries);
        var folders = new HashSet<string>();
        ArchiveReader.Read(archive, (entry, content) =>
        {
            if (entry.Name == BackupManifest.Name) return;
            var isDump = entry.Name.StartsWith(BackupManifest.DatabasesFolder, StringComparison.Ordinal);
            var path = isDump
                ? Path.Combine(Dumps, entry.Name[BackupManifest.DatabasesFolder.Length..])
                : Path.Combine(_dataFolder, entry.Name[BackupManifest.DataFolder.Length..]);
            var folder = Path.GetDirectoryName(path)!;
            if (folders.Add(folder)) Posix.CreateFolder(folder, OwnerOnly); // folders' modes are not in the archive; only the program reads them
            using (var file = Posix.OpenToWrite(path, FileMode.Create, entry.Mode & ArchiveReader.Permissions))
            {
                content.CopyTo(file);
                file.Flush(flushToDisk: !isDump);
            }

            File.SetLastWriteTimeUtc(path, entry.ModificationTime.UtcDateTime);
            // The file was verified before, but it lies on a disk that others may write to.
            if (!expected.TryDequeue(out var promised) || promised != new BackupEntry(entry.Name, content.Length, content.Sha256))
                throw new BackupException($"{archive.Name} changed while it was being restored.");
            progress?.Report(new(isDump ? "database" : "files", entry.Name, archive.Position));
        }, ct);
        foreach (var folder in folders) Posix.FlushFolder(folder);
    }

    private async Task FillPrivateAsync(CancellationToken ct)
    {
        await using var cluster = await PrivateCluster.StartAsync(options.Cluster with { ForRestore = true }, logger, time, ct);
        var binaries = PostgresBinaries.Find(options.Cluster.BinariesFolder, cluster.DataDirectory);
        await FillAsync(new BackupServer(cluster.ConnectionString("postgres"), binaries), atOnce: false, ct);
    }

    private async Task FillAsync(BackupServer server, bool atOnce, CancellationToken ct)
    {
        foreach (var database in manifest.Databases)
        {
            progress?.Report(new("database", database.Name, archive.Length));
            if (await ClusterDatabases.CreateIfMissingAsync(server.ConnectionString(), database.Name, ct)) _created.Add(database.Name);
            await server.RestoreAsync(database.Name, Path.Combine(Dumps, database.Name + ".dump"), atOnce, ct);
            await using var connection = await server.OpenAsync(database.Name, ct);
            var rows = await BackupServer.CountRowsAsync(connection, ct);
            progress?.Report(new("rows", database.Name, rows.Values.Sum()));
            var differing = rows.Keys.Union(database.Rows.Keys).FirstOrDefault(t => rows.GetValueOrDefault(t, -1) != database.Rows.GetValueOrDefault(t, -1));
            if (differing is not null) throw new BackupException($"After the restore {database.Name}.{differing} has not the rows that it had: the archive contradicts itself.");
        }
    }

    /// <summary>The folder was empty, so everything in it is this restore's.</summary>
    private async Task UndoAsync(BackupServer? server)
    {
        foreach (var name in server is null ? [] : _created)
        {
            await using var connection = await server!.OpenAsync(database: null, CancellationToken.None);
            await using var drop = new NpgsqlCommand($"DROP DATABASE IF EXISTS \"{name}\" WITH (FORCE)", connection);
            await drop.ExecuteNonQueryAsync();
        }

        ClusterPlace.RemoveOutside(_dataFolder);
        foreach (var path in Directory.GetFileSystemEntries(_dataFolder).Where(p => p != Marker && Path.GetFileName(p) != "lost+found"))
        {
            if (Directory.Exists(path)) Directory.Delete(path, recursive: true);
            else File.Delete(path);
        }

        File.Delete(Marker);
    }
}
