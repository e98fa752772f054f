using Microsoft.Extensions.Logging;

namespace Mneme.Platform.Persistence.Cluster;

/// <summary>
/// Makes a new cluster. It is made in a folder of another name and renamed when complete, so that a cluster's folder is always a whole one;
/// what an interrupted attempt left is removed.
/// </summary>
internal static class ClusterInitialiser
{
    public const string AttemptPrefix = ClusterPlace.ClusterName + ".init-";

    public static void InitialiseIfMissing(ClusterPlace place, PostgresBinaries binaries, ILogger logger, CancellationToken ct)
    {
        foreach (var leftover in Directory.EnumerateDirectories(place.Parent, AttemptPrefix + "*")) RemoveLeftover(leftover, logger);
        if (Directory.Exists(place.DataDirectory))
        {
            if (File.Exists(Path.Combine(place.DataDirectory, "PG_VERSION"))) return;
            throw new ClusterException($"{place.DataDirectory} exists but holds no PostgreSQL cluster: move it away, then a new cluster is made.");
        }

        ClusterLog.Initialising(logger, place.DataDirectory, binaries.Major, place.User.Name);
        var attempt = Path.Combine(place.Parent, AttemptPrefix + Guid.NewGuid().ToString("N")[..8]);
        Posix.CreateFolder(attempt, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        if (!place.User.IsProgramsOwn) Posix.ChangeOwner(attempt, place.User.UserId, place.User.GroupId);

        // C.UTF-8 sorts by code point and is on every machine: an index made here is in the same order wherever the folder is taken, and
        // whatever version of the C library or ICU comes later. Sorting for people's eyes is said in the query (COLLATE).
        var (code, output) = Tool.Run(
            place.User.Command(
                "KILL", binaries["initdb"], "-D", attempt, "-U", ClusterAddress.User, "-E", "UTF8", "--locale=C.UTF-8",
                "--text-search-config=simple", "--data-checksums", "--auth-local=peer", "--auth-host=reject", "--no-instructions"),
            ct);
        if (code != 0)
        {
            RemoveLeftover(attempt, logger);
            throw ServerFailure.Explain("initdb failed", output, place);
        }

        Directory.Move(attempt, place.DataDirectory);
        Posix.FlushFolder(place.Parent);
    }

    private static void RemoveLeftover(string folder, ILogger logger)
    {
        ClusterLog.RemovingLeftover(logger, folder);
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (IOException e)
        {
            ClusterLog.LeftoverStays(logger, folder, e.Message); // a dying initdb may still be writing; the next start removes it
        }
    }
}
