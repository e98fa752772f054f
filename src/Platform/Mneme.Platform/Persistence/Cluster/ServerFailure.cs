namespace Mneme.Platform.Persistence.Cluster;

/// <summary>Turns what PostgreSQL printed before it gave up into a message that says what to do.</summary>
internal static class ServerFailure
{
    public static ClusterException Explain(string what, string output, ClusterPlace place)
    {
        string[] lines =
        [
            .. output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Where(l => l.Contains("FATAL:") || l.Contains("PANIC:") || l.Contains("ERROR:") || l.Contains("error:"))
                .TakeLast(3),
        ];
        var said = lines.Length > 0 ? string.Join(" / ", lines) : Tail(output);
        var advice =
            output.Contains("No space left on device") ? $"The disk of {place.Parent} is full: make room."
            : output.Contains("Permission denied") ? $"Check that the user {place.User.Name} owns {place.DataDirectory} and may enter the folders above it."
            : output.Contains("shared memory") ? "The machine refuses shared memory: in a container give it more (--shm-size)."
            : output.Contains("incompatible with server") ? "The cluster belongs to another version of PostgreSQL."
            : $"Its log is {place.LogFile}.";
        return new ClusterException($"The private PostgreSQL cluster {place.DataDirectory} cannot be used: {what}. {said} {advice}".Replace("  ", " "));
    }

    private static string Tail(string output) => output.Length <= 400 ? output.Trim() : output[^400..].Trim();
}
