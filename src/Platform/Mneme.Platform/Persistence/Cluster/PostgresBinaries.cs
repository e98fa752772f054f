namespace Mneme.Platform.Persistence.Cluster;

/// <summary>The programs of one major version of PostgreSQL.</summary>
internal sealed record PostgresBinaries(int Major, string Folder)
{
    /// <summary>The oldest version that this program is tested with.</summary>
    public const int Oldest = 15;

    public string this[string program] => Path.Combine(Folder, program);

    /// <summary>The newest installed version, or the very version that an existing cluster was made with.</summary>
    public static PostgresBinaries Find(string binariesFolder, string dataDirectory)
    {
        var installed = Installed(binariesFolder, "initdb");
        var versionFile = Path.Combine(dataDirectory, "PG_VERSION");
        if (!File.Exists(versionFile))
        {
            return installed.FirstOrDefault() is { Major: >= Oldest } newest
                ? newest
                : throw new ClusterException(
                    $"PostgreSQL {Oldest} or newer is not installed (no server under {binariesFolder}). Run `./mneme setup`, or as root: apt-get install postgresql");
        }

        var version = File.ReadAllText(versionFile).Trim();
        return installed.FirstOrDefault(b => b.Major.ToString() == version)
            ?? throw new ClusterException(
                $"The cluster {dataDirectory} was made by PostgreSQL {version}, which is not installed (found: {Names(installed)}). As root: apt-get install postgresql-{version}");
    }

    /// <summary>The newest installed <c>pg_dump</c> and <c>pg_restore</c>, which work with older servers too.</summary>
    public static PostgresBinaries FindClient(string binariesFolder) =>
        Installed(binariesFolder, "pg_dump").FirstOrDefault()
        ?? throw new ClusterException($"pg_dump is not installed (nothing under {binariesFolder}). As root: apt-get install postgresql-client");

    private static List<PostgresBinaries> Installed(string binariesFolder, string program)
    {
        if (!Directory.Exists(binariesFolder)) return [];
        return
        [
            .. from folder in Directory.EnumerateDirectories(binariesFolder)
               let bin = Path.Combine(folder, "bin")
               where int.TryParse(Path.GetFileName(folder), out _) && File.Exists(Path.Combine(bin, program))
               let major = int.Parse(Path.GetFileName(folder))
               orderby major descending
               select new PostgresBinaries(major, bin),
        ];
    }

    private static string Names(List<PostgresBinaries> installed) =>
        installed.Count == 0 ? "none" : string.Join(", ", installed.Select(b => b.Major));
}
