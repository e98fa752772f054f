using System.Formats.Tar;

namespace Mneme.Platform.Persistence.Backup;

/// <summary>
/// Reads archives, which may come from anywhere: nothing in one is believed before all of it was checked, and only plain files with
/// harmless names are accepted.
/// </summary>
internal static class ArchiveReader
{
    /// <summary>What of a file's mode an archive keeps: no set-user-id and its like.</summary>
    public const UnixFileMode Permissions =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    private const int LargestManifest = 1 << 29;

    public static FileStream Open(string file)
    {
        try
        {
            return new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1 << 16);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BackupException($"{file} cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Reads everything, compares everything, and returns the manifest.</summary>
    public static BackupManifest Verify(FileStream archive, IProgress<BackupProgress>? progress, CancellationToken ct)
    {
        var seen = new List<BackupEntry>();
        BackupManifest? manifest = null;
        Read(archive, (entry, content) =>
        {
            if (manifest is not null) throw Damaged(archive, "something follows its manifest");
            if (entry.Name == BackupManifest.Name) manifest = ReadManifest(archive, content);
            else
            {
                Drain(content);
                seen.Add(new(entry.Name, content.Length, content.Sha256));
                progress?.Report(new("verify", entry.Name, archive.Position));
            }
        }, ct);
        if (manifest is null) throw Damaged(archive, "its end is missing");
        if (!seen.SequenceEqual(manifest.Entries))
        {
            var (found, expected) = seen.Zip(manifest.Entries).FirstOrDefault(pair => pair.First != pair.Second);
            throw Damaged(archive, found is null ? "its entries and its manifest differ" : $"{found.Name} is not what the manifest says{(found.Name == expected.Name ? "" : $" ({expected.Name})")}");
        }

        CheckMeaning(archive, manifest);
        return manifest;
    }

    /// <summary>Visits every entry after the first, in order.</summary>
    public static void Read(FileStream archive, Action<TarEntry, MeasuredStream> visit, CancellationToken ct)
    {
        archive.Position = 0;
        try
        {
            using var tar = new TarReader(archive, leaveOpen: true);
            ReadHeader(archive, tar, ct);
            while (tar.GetNextEntry() is { } entry)
            {
                CheckEntry(archive, entry);
                using var content = Content(entry, ct);
                visit(entry, content);
            }
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException or FormatException or ArgumentException or OverflowException or NotSupportedException)
        {
            throw Damaged(archive, e.Message, e);
        }
    }

    private static void ReadHeader(FileStream archive, TarReader tar, CancellationToken ct)
    {
        TarEntry? first;
        try
        {
            first = tar.GetNextEntry();
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException or FormatException or ArgumentException)
        {
            throw new BackupException($"{archive.Name} is no backup of Mneme.", e);
        }

        if (first is not { Name: BackupManifest.HeaderName }) throw new BackupException($"{archive.Name} is no backup of Mneme.");
        using var content = Content(first, ct);
        var header = ReadManifest(archive, content);
        if (header.Format > BackupManifest.CurrentFormat)
            throw new BackupException($"{archive.Name} was made by a newer Mneme ({header.ProgramVersion}, format {header.Format}; this one reads up to {BackupManifest.CurrentFormat}): update, then restore.");
    }

    private static BackupManifest ReadManifest(FileStream archive, MeasuredStream content)
    {
        if (content.Length > LargestManifest) throw Damaged(archive, "its manifest is too large");
        var json = new byte[content.Length];
        content.ReadExactly(json);
        return BackupManifest.FromJson(json) ?? throw Damaged(archive, "its manifest cannot be read");
    }

    private static MeasuredStream Content(TarEntry entry, CancellationToken ct) =>
        new(entry.DataStream ?? Stream.Null, entry.Length, entry.Name, _ => { }, ct);

    private static void Drain(MeasuredStream content)
    {
        Span<byte> buffer = new byte[1 << 16];
        while (content.Read(buffer) > 0)
        {
        }
    }

    private static void CheckEntry(FileStream archive, TarEntry entry)
    {
        if (entry.EntryType is not (TarEntryType.RegularFile or TarEntryType.V7RegularFile))
            throw Damaged(archive, $"{entry.Name} is not a plain file ({entry.EntryType})");
        if (entry.Name is BackupManifest.Name) return;
        var parts = entry.Name.Split('/');
        var isHarmless = parts.Length >= 2
            && !Array.Exists(parts, part => part is "" or "." or ".." || part.Contains('\0') || part.Contains('\\'))
            && (IsDump(parts) || (parts[0] + '/' == BackupManifest.DataFolder && !DataFiles.IsLeftOut(parts[1])));
        if (!isHarmless) throw Damaged(archive, $"it has an entry that no backup has: {entry.Name}");
    }

    private static bool IsDump(string[] parts) =>
        parts.Length == 2 && parts[0] + '/' == BackupManifest.DatabasesFolder && parts[1].EndsWith(".dump", StringComparison.Ordinal);

    /// <summary>The manifest and the entries are what was written; do they make sense together?</summary>
    private static void CheckMeaning(FileStream archive, BackupManifest manifest)
    {
        var dumps = manifest.Entries.Where(e => e.Name.StartsWith(BackupManifest.DatabasesFolder, StringComparison.Ordinal)).Select(e => e.Name).Order(StringComparer.Ordinal);
        var named = manifest.Databases.Select(d => BackupManifest.DumpName(d.Name)).Order(StringComparer.Ordinal);
        if (!dumps.SequenceEqual(named)) throw Damaged(archive, "its databases and its manifest differ");
    }

    private static BackupException Damaged(FileStream archive, string why, Exception? inner = null) =>
        new($"{archive.Name} is damaged and was not touched: {why}. Fetch it again, or use another backup.", inner!);
}
