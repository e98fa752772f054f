using System.Security.Cryptography;
using System.Text;

namespace Mneme.Platform.Persistence.Cluster;

/// <summary>
/// The short-lived folder of a running server: its configuration files, and below it the folder of its socket. It belongs to the program
/// (so that nothing the server's user does can redirect what root writes), the socket's folder to the server's user with mode 0700.
/// </summary>
internal sealed class RuntimeFolder
{
    private const int LongestSocketPath = 107; // sun_path of sockaddr_un, less its terminating zero

    private const UnixFileMode WritableByOthers = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode Passable = Private | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    private RuntimeFolder(string path) => Location = path;

    public string Location { get; }

    public string SocketDirectory => SocketIn(Location);

    /// <summary>
    /// The first possible of: <c>/run</c> (root), the data folder when its path is short enough, <c>/tmp</c>. The name depends on the
    /// cluster's folder, so that two clusters never meet. In a folder that everybody may write to, somebody else may have made the name
    /// before: one that is not ours, or that others may write to, is not used.
    /// </summary>
    public static RuntimeFolder Prepare(ClusterPlace place, string? chosen)
    {
        var name = "mneme-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(place.DataDirectory)))[..12];
        string[] candidates = chosen is not null
            ? [Path.Combine(chosen, name)]
            : Posix.EffectiveUser == 0
                ? [Path.Combine("/run", name), Path.Combine("/tmp", name)]
                : [Path.Combine(place.Parent, "run"), Path.Combine("/tmp", $"{name}-{Posix.EffectiveUser}")];
        var reasons = new List<string>();
        foreach (var candidate in candidates)
        {
            if (Refusal(candidate, place.User) is not { } reason) return new RuntimeFolder(candidate);
            reasons.Add($"{candidate} ({reason})");
        }

        throw new ClusterException($"There is no folder for the server's socket: {string.Join("; ", reasons)}.");
    }

    /// <summary>Removes what an earlier server left. Call only when no server of this cluster lives.</summary>
    public void RemoveSockets()
    {
        foreach (var file in Directory.EnumerateFiles(SocketDirectory, ".s.PGSQL.*")) File.Delete(file);
    }

    public void Remove()
    {
        try
        {
            Directory.Delete(Location, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It lies in a folder for temporary files, and the next start takes it over.
        }
    }

    private static string SocketIn(string folder) => Path.Combine(folder, "s");

    private static string? Refusal(string folder, ServerUser user)
    {
        var socket = Path.Combine(SocketIn(folder), $".s.PGSQL.{ClusterAddress.Port}");
        if (Encoding.UTF8.GetByteCount(socket) > LongestSocketPath) return $"a socket's path holds at most {LongestSocketPath} bytes";
        try
        {
            Posix.CreateFolder(folder, Passable);
            if (Posix.Owner(folder) is not { IsFolder: true } owner) return "not a folder";
            if (owner.User != Posix.EffectiveUser) return "belongs to another user";
            if ((owner.Mode & WritableByOthers) != UnixFileMode.None) return "others may write to it";
            Posix.SetMode(folder, Passable); // whatever the umask was
            Posix.CreateFolder(SocketIn(folder), Private);
            if (Posix.Owner(SocketIn(folder)) is not { IsFolder: true }) return "its folder s is not a folder";
            Posix.SetMode(SocketIn(folder), Private);
            if (!user.IsProgramsOwn) Posix.ChangeOwner(SocketIn(folder), user.UserId, user.GroupId);
            return user.CanEnter(folder) ? null : $"the server's user {user.Name} cannot enter it";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return e.Message;
        }
    }
}
