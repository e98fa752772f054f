namespace Mneme.Platform.Persistence.Cluster;

/// <summary>
/// <c>postmaster.pid</c>, which PostgreSQL keeps in the cluster's folder: process id, folder, start time, port, socket folder, address,
/// shared memory, state; one per line. The state is <c>ready</c> once connections are accepted.
/// </summary>
internal sealed record PostmasterFile(int ProcessId, string SocketDirectory, bool Ready)
{
    public const string Name = "postmaster.pid";

    /// <summary>Null when there is none or it is not yet written to the process id.</summary>
    public static PostmasterFile? Read(string dataDirectory)
    {
        string[] lines;
        try
        {
            lines = File.ReadAllLines(Path.Combine(dataDirectory, Name));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }

        return lines.Length > 0 && int.TryParse(lines[0], out var processId)
            ? new(processId, lines.ElementAtOrDefault(4) ?? "", lines.ElementAtOrDefault(7)?.Trim() == "ready")
            : null;
    }
}
