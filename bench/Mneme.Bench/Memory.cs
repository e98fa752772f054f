using System.Globalization;

namespace Mneme.Bench;

/// <summary>Memory of processes as the kernel counts it, in MiB.</summary>
internal static class Memory
{
    /// <summary>Resident set of a process.</summary>
    public static double Rss(int processId) => Field($"/proc/{processId}/status", "VmRSS:");

    /// <summary>The largest resident set that a process has had.</summary>
    public static double Peak(int processId) => Field($"/proc/{processId}/status", "VmHWM:");

    /// <summary>Proportional set of PostgreSQL: the postmaster and its children, shared memory counted once.</summary>
    public static double PostgresPss(int postmaster) =>
        Directory.EnumerateDirectories("/proc")
            .Where(folder => int.TryParse(Path.GetFileName(folder), out var id) && (id == postmaster || ParentOf(folder) == postmaster))
            .Sum(folder => Field(folder + "/smaps_rollup", "Pss:"));

    private static int ParentOf(string folder)
    {
        try
        {
            var stat = File.ReadAllText(folder + "/stat");
            return int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return 0;
        }
    }

    private static double Field(string file, string name)
    {
        try
        {
            var line = File.ReadLines(file).FirstOrDefault(l => l.StartsWith(name, StringComparison.Ordinal));
            return line is null ? 0 : double.Parse(line[name.Length..].Trim().Split(' ')[0], CultureInfo.InvariantCulture) / 1024;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The process ended meanwhile.
            return 0;
        }
    }
}
