namespace Mneme.Platform.Persistence.Cluster;

/// <summary>
/// The server processes that really run on a cluster's folder. A process id in a file proves nothing (it may be a zombie, or another
/// program's by now), so a process counts only if its executable is postgres and its working directory is the folder.
/// </summary>
internal static class LiveServers
{
    public sealed record Found(int ProcessId, int Parent);

    public static List<Found> On(string dataDirectory)
    {
        var found = new List<Found>();
        var unreadable = new List<Found>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), out var processId)) continue;
            if (Living(processId) is not { } process) continue;
            switch (Matches(folder, dataDirectory))
            {
                case true: found.Add(process); break;
                case null: unreadable.Add(process); break;
            }
        }

        return unreadable.Count == 0 ? found : [.. found, .. ReadAsOwner(unreadable, dataDirectory)];
    }

    public static bool IsServer(int processId, string dataDirectory) =>
        Living(processId) is { } process
        && (Matches($"/proc/{processId}", dataDirectory) ?? ReadAsOwner([process], dataDirectory).Count != 0);

    /// <summary>The postmasters among the found: those whose parent is none of them.</summary>
    public static List<Found> Postmasters(List<Found> found) => [.. found.Where(p => found.TrueForAll(other => other.ProcessId != p.Parent))];

    private static Found? Living(int processId)
    {
        string stat;
        try
        {
            stat = File.ReadAllText($"/proc/{processId}/stat");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }

        // "pid (name) state parent …"; the name may hold spaces and parentheses.
        var name = stat.AsSpan(stat.IndexOf('(') + 1);
        var rest = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return name.StartsWith("postgres") && rest[0] is not ("Z" or "X") ? new(processId, int.Parse(rest[1])) : null;
    }

    /// <summary>Null when it cannot be read from here.</summary>
    private static bool? Matches(string processFolder, string dataDirectory)
    {
        try
        {
            return new FileInfo($"{processFolder}/exe").LinkTarget is { } executable && new FileInfo($"{processFolder}/cwd").LinkTarget is { } directory
                ? Matches(executable, directory, dataDirectory)
                : null;
        }
        catch (UnauthorizedAccessException)
        {
            return null;
        }
        catch (IOException)
        {
            return false; // it ended meanwhile
        }
    }

    private static bool Matches(string executable, string workingDirectory, string dataDirectory) =>
        // A package upgrade leaves the running server with an executable that is "… (deleted)".
        workingDirectory == dataDirectory
        && Path.GetFileName(executable.Replace(" (deleted)", "")) == "postgres";

    /// <summary>
    /// In a container root lacks the capability to look into other users' processes; their own user may. A user who cannot be switched to
    /// from here is not one whose server can be ours.
    /// </summary>
    private static List<Found> ReadAsOwner(List<Found> candidates, string dataDirectory)
    {
        if (Posix.EffectiveUser != 0 || !Directory.Exists(dataDirectory)) return [];
        const string Script = """for p in "$@"; do echo "$p|$(readlink /proc/$p/exe)|$(readlink /proc/$p/cwd)"; done""";
        var (_, output) = Tool.Run(ServerUser.OwnerOf(dataDirectory).Command(
            "KILL", ["/bin/sh", "-c", Script, "sh", .. candidates.Select(c => c.ProcessId.ToString())]));
        var matching = output.Split('\n').Select(line => line.Split('|'))
            .Where(parts => parts.Length == 3 && Matches(parts[1], parts[2], dataDirectory))
            .Select(parts => int.Parse(parts[0])).ToHashSet();
        return [.. candidates.Where(c => matching.Contains(c.ProcessId))];
    }
}
