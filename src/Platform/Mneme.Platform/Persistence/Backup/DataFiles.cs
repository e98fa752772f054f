using Mneme.Platform.Persistence.Cluster;

namespace Mneme.Platform.Persistence.Backup;

/// <summary>
/// The files of a data folder that belong into an archive: all, except what is the cluster's (its databases are saved as such), what
/// only means something while a program runs (locks, sockets), and what is half written.
/// </summary>
internal static class DataFiles
{
    public sealed record Found(string RelativePath, long Size, DateTime Changed);

    /// <summary>Paths relative to the data folder with '/'.</summary>
    public static IEnumerable<Found> In(string dataFolder) =>
        !Directory.Exists(dataFolder)
            ? []
            : Directory.EnumerateFileSystemEntries(dataFolder)
                .Where(path => !IsLeftOut(Path.GetFileName(path)))
                .SelectMany(path => Below(path, Path.GetFileName(path), isTop: true));

    /// <summary>Whether a top-level name of the data folder is none of an archive's.</summary>
    public static bool IsLeftOut(string name) =>
        name is ClusterPlace.ClusterName or "run" or "lost+found"
        || name.StartsWith("restore.", StringComparison.Ordinal)
        || name.StartsWith(ClusterPlace.ClusterName + ".", StringComparison.Ordinal)
        || name.EndsWith(".lock", StringComparison.Ordinal);

    private static IEnumerable<Found> Below(string path, string relative, bool isTop = false)
    {
        if (relative.EndsWith(".partial", StringComparison.Ordinal)) return [];
        if (Posix.Owner(path) is not { } entry) return []; // gone meanwhile
        // A folder of the first level may be a link (large files on another disk). Deeper ones are nobody's: say so instead of leaving it out.
        var isFolder = entry.IsFolder || (isTop && entry.IsLink && Directory.Exists(path));
        if (entry.IsLink && !isFolder)
            throw new BackupException($"{path} is a symbolic link, which an archive cannot hold: replace it by the file, or move it away.");
        if (isFolder) return Entries(path).SelectMany(child => Below(child, $"{relative}/{Path.GetFileName(child)}"));
        if (!entry.IsFile) return []; // sockets and the like
        var file = new FileInfo(path);
        return file.Exists ? [new(relative, file.Length, file.LastWriteTimeUtc)] : [];
    }

    private static string[] Entries(string folder)
    {
        try
        {
            return Directory.GetFileSystemEntries(folder);
        }
        catch (DirectoryNotFoundException)
        {
            return [];
        }
    }
}
