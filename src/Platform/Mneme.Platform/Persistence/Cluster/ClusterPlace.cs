using System.Security.Cryptography;

namespace Mneme.Platform.Persistence.Cluster;

/// <summary>
/// Where a data folder's cluster lies. Normally in <c>postgres</c> inside it. When the program runs as root, and the server's user cannot
/// enter the data folder (it lies under a home of mode 0700), the cluster lies in a folder of its own under <c>/var/lib/mneme</c>, and the
/// file <c>postgres.location</c> in the data folder names it. The file alone decides from then on: a data folder that is renamed keeps its
/// cluster, one that was deleted and made anew starts with an empty one (the old cluster is left alone), and a copy of a data folder is
/// refused, because two folders of files would share one database.
/// </summary>
/// <param name="DataFolder">The program's data folder, without symbolic links.</param>
/// <param name="Parent">The folder that holds the cluster's; writable by the program alone.</param>
/// <param name="User">Who owns the cluster and runs its server.</param>
internal sealed record ClusterPlace(string DataFolder, string Parent, ServerUser User)
{
    public const string ClusterName = "postgres";
    public const string PointerName = "postgres.location";
    private const string OwnerName = "data-folder";

    private const UnixFileMode Passable =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    public string DataDirectory => Path.Combine(Parent, ClusterName);

    public string LogFile => Path.Combine(DataFolder, "postgres.log");

    public bool IsOutside => Parent != DataFolder;

    /// <summary>The cluster's folder for a data folder that has one; null otherwise. Takes no lock and changes nothing.</summary>
    public static string? FindExisting(string dataFolder)
    {
        if (!Directory.Exists(dataFolder)) return null;
        var real = Posix.RealPath(dataFolder);
        var directory = Path.Combine(ReadPointer(real) ?? real, ClusterName);
        return Directory.Exists(directory) ? directory : null;
    }

    /// <summary>Removes the cluster's folder that lies outside of this data folder, if there is one and it is this folder's.</summary>
    public static void RemoveOutside(string dataFolder)
    {
        if (ReadPointer(dataFolder) is not { } parent) return;
        var record = Path.Combine(parent, OwnerName);
        if (File.Exists(record) && File.ReadAllText(record).Trim() == Posix.RealPath(dataFolder)) Directory.Delete(parent, recursive: true);
    }

    /// <summary>Decides, and records the decision. The caller holds the data folder's lock.</summary>
    public static ClusterPlace Settle(string dataFolder, string outsideFolder)
    {
        var inside = Path.Combine(dataFolder, ClusterName);
        if (ReadPointer(dataFolder) is { } outside)
        {
            if (Directory.Exists(inside))
                throw new ClusterException($"There are two clusters for {dataFolder}: {inside}, and the one that {PointerName} names, {outside}. Move one of them away.");
            return Follow(dataFolder, outside);
        }

        if (Directory.Exists(inside))
        {
            var owner = ServerUser.OwnerOf(inside);
            return owner.CanEnter(dataFolder)
                ? new(dataFolder, dataFolder, owner)
                : throw new ClusterException($"The server's user {owner.Name} can no longer enter {dataFolder}, where its cluster lies: allow it (chmod o+x on the folder and those above it), or move the data folder.");
        }

        var user = ServerUser.ForNewCluster();
        return user.CanEnter(dataFolder) ? new(dataFolder, dataFolder, user) : CreateOutside(dataFolder, outsideFolder, user);
    }

    private static ClusterPlace CreateOutside(string dataFolder, string outsideFolder, ServerUser user)
    {
        var name = $"{Path.GetFileName(dataFolder)}-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4))}";
        var parent = Path.Combine(outsideFolder, name);
        Posix.CreateFolder(outsideFolder, Passable);
        Posix.CreateFolder(parent, Passable);
        if (!user.CanEnter(parent))
            throw new ClusterException($"The server's user {user.Name} can enter neither {dataFolder} nor {outsideFolder}: choose a data folder below /var/lib or /srv with --data.");
        // The owner's record first: a pointer is never followed to a folder that does not name its data folder.
        WriteDurably(Path.Combine(parent, OwnerName), dataFolder);
        WriteDurably(Path.Combine(dataFolder, PointerName), parent);
        return new(dataFolder, parent, user);
    }

    private static ClusterPlace Follow(string dataFolder, string parent)
    {
        if (!Directory.Exists(parent))
            throw new ClusterException($"{Path.Combine(dataFolder, PointerName)} names {parent}, which does not exist. Bring it back, or delete the file to start with an empty database.");
        var record = Path.Combine(parent, OwnerName);
        var recorded = File.Exists(record) ? File.ReadAllText(record).Trim() : "";
        if (recorded != dataFolder)
        {
            if (Directory.Exists(recorded) && ReadPointer(recorded) == parent)
                throw new ClusterException($"The database in {parent} belongs to the data folder {recorded}, of which {dataFolder} seems to be a copy. To copy an installation use `mneme backup` and `mneme restore`.");
            WriteDurably(record, dataFolder); // it was renamed
        }

        var directory = Path.Combine(parent, ClusterName);
        return new(dataFolder, parent, Directory.Exists(directory) ? ServerUser.OwnerOf(directory) : ServerUser.ForNewCluster());
    }

    private static string? ReadPointer(string dataFolder)
    {
        var pointer = Path.Combine(dataFolder, PointerName);
        return File.Exists(pointer) ? File.ReadAllText(pointer).Trim() : null;
    }

    internal static void WriteDurably(string path, string line)
    {
        var partial = path + ".partial";
        using (var file = new FileStream(partial, FileMode.Create))
        {
            file.Write(System.Text.Encoding.UTF8.GetBytes(line + "\n"));
            file.Flush(flushToDisk: true);
        }

        File.Move(partial, path, overwrite: true);
        Posix.FlushFolder(Path.GetDirectoryName(path)!);
    }
}
