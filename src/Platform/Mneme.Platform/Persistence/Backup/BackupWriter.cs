using System.Formats.Tar;
using Mneme.Platform.Persistence.Cluster;

namespace Mneme.Platform.Persistence.Backup;

/// <summary>Writes one archive; see <see cref="Backups"/> for the order and why.</summary>
internal sealed class BackupWriter
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly string _dataFolder;
    private readonly IProgress<BackupProgress>? _progress;
    private readonly TarWriter _tar;
    private readonly List<BackupEntry> _entries = [];
    private readonly Dictionary<string, DataFiles.Found> _saved = [];
    private long _written;

    private BackupWriter(TarWriter tar, string dataFolder, IProgress<BackupProgress>? progress) =>
        (_tar, _dataFolder, _progress) = (tar, dataFolder, progress);

    public static async Task<BackupManifest> WriteAsync(
        BackupServer server, BackupOptions options, string file, IProgress<BackupProgress>? progress, TimeProvider time, CancellationToken ct)
    {
        file = Path.GetFullPath(file);
        Check(file, options);
        var partial = file + ".partial";
        var dumps = file + ".dumps";
        EnsureOurs(partial);
        EnsureOurs(dumps);
        await using var archive = Create(partial);
        try
        {
            Posix.CreateFolder(dumps, OwnerOnly | UnixFileMode.UserExecute);
            BackupManifest manifest;
            await using (var tar = new TarWriter(archive, TarEntryFormat.Pax, leaveOpen: true))
                manifest = await new BackupWriter(tar, options.Cluster.DataFolder, progress).WriteAsync(server, options, dumps, time, ct);
            archive.Flush(flushToDisk: true);
            Rename(partial, file, options.Overwrite);
            return manifest;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            File.Delete(partial);
            throw new BackupException($"The backup failed, nothing was kept: {e.Message}", e);
        }
        catch
        {
            File.Delete(partial);
            throw;
        }
        finally
        {
            if (Directory.Exists(dumps)) Directory.Delete(dumps, recursive: true);
        }
    }

    private static void Check(string file, BackupOptions options)
    {
        if (File.Exists(file) && !options.Overwrite) throw new BackupException($"{file} exists: choose another name, or replace it with --force.");
        var folder = Path.GetDirectoryName(file)!;
        if (!Directory.Exists(folder)) throw new BackupException($"The folder {folder} does not exist.");
        if (!Directory.Exists(options.Cluster.DataFolder)) return;
        var data = Posix.RealPath(options.Cluster.DataFolder);
        if ((Posix.RealPath(folder) + '/').StartsWith(data + '/', StringComparison.Ordinal))
            throw new BackupException($"{file} lies in the data folder that it is to save: choose a place outside of {data}, best on another disk.");
    }

    /// <summary>What a killed backup left is taken over; in a folder like /tmp somebody else may have put something in its place, to read along.</summary>
    private static void EnsureOurs(string path)
    {
        const UnixFileMode Others = ArchiveReader.Permissions & ~(OwnerOnly | UnixFileMode.UserExecute);
        if (Posix.Owner(path) is { } found && (found.IsLink || found.User != Posix.EffectiveUser || (found.Mode & Others) != UnixFileMode.None))
            throw new BackupException($"{path} is in the way, and not of an earlier backup's making: remove it or choose another place.");
    }

    private static FileStream Create(string partial)
    {
        try
        {
            // Not FileMode.Create: a backup that is just being written must not be emptied before its lock is seen.
            var stream = Posix.OpenToWrite(partial, FileMode.OpenOrCreate, OwnerOnly);
            stream.SetLength(0);
            return stream;
        }
        catch (UnauthorizedAccessException e)
        {
            throw new BackupException($"{partial} cannot be written: {e.Message}", e);
        }
        catch (IOException e)
        {
            throw new BackupException($"{partial} cannot be written: {e.Message} Perhaps another backup to this file is running.", e);
        }
    }

    private static void Rename(string partial, string file, bool overwrite)
    {
        if (!overwrite && File.Exists(file)) throw new BackupException($"{file} was made by somebody else meanwhile: choose another name, or replace it with --force.");
        File.Move(partial, file, overwrite);
        Posix.FlushFolder(Path.GetDirectoryName(file)!);
    }

    private async Task<BackupManifest> WriteAsync(
        BackupServer server, BackupOptions options, string dumps, TimeProvider time, CancellationToken ct)
    {
        var manifest = new BackupManifest
        {
            Format = BackupManifest.CurrentFormat,
            ProgramVersion = options.ProgramVersion,
            PostgresVersion = server.ToolsVersion,
            TakenAt = time.GetUtcNow(),
        };
        AddText(BackupManifest.HeaderName, manifest);
        await Task.Run(() => AddFiles(ct), ct);

        var names = options.Databases ?? await server.DatabasesAsync(ct);
        var databases = new List<BackupDatabase>();
        await using (var snapshot = await OneSnapshot.TakeAsync(server, names, time, ct))
        {
            manifest = manifest with { TakenAt = snapshot.TakenAt };
            foreach (var name in names)
            {
                var dump = Path.Combine(dumps, name);
                await server.DumpAsync(name, await snapshot.ExportAsync(name, ct), dump, ct);
                databases.Add(new(name, await BackupServer.CountRowsAsync(snapshot.Connection(name), ct)));
                await Task.Run(() => Add("database", BackupManifest.DumpName(name), dump, ct), ct);
                File.Delete(dump);
            }
        }

        await Task.Run(() => AddFiles(ct), ct);
        manifest = manifest with { Databases = databases, Entries = _entries };
        AddText(BackupManifest.Name, manifest);
        return manifest;
    }

    /// <summary>Adds the files that are new or changed since the last time.</summary>
    private void AddFiles(CancellationToken ct)
    {
        foreach (var found in DataFiles.In(_dataFolder))
        {
            if (_saved.TryGetValue(found.RelativePath, out var known) && known == found) continue;
            if (!Add("files", BackupManifest.DataFolder + found.RelativePath, Path.Combine(_dataFolder, found.RelativePath), ct)) continue;
            _saved[found.RelativePath] = found;
        }
    }

    private bool Add(string step, string name, string path, CancellationToken ct)
    {
        FileStream file;
        try
        {
            file = new FileStream(Posix.OpenUnlocked(path), FileAccess.Read, bufferSize: 0);
        }
        catch (IOException) when (!File.Exists(path))
        {
            return false; // deleted meanwhile
        }

        using (file)
        {
            var measured = new MeasuredStream(file, file.Length, path, count => _written += count, ct);
            using (measured)
            {
                _tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name)
                {
                    DataStream = measured,
                    Mode = Posix.Mode(file.SafeFileHandle) & ArchiveReader.Permissions,
                    ModificationTime = File.GetLastWriteTimeUtc(file.SafeFileHandle),
                });
                _entries.Add(new(name, measured.Length, measured.Sha256));
            }
        }

        _progress?.Report(new(step, name, _written));
        return true;
    }

    private void AddText(string name, BackupManifest manifest)
    {
        using var json = new MemoryStream(manifest.ToJson());
        _tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = json, Mode = OwnerOnly, ModificationTime = manifest.TakenAt });
    }
}
