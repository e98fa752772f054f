using System.Security.Cryptography;
using Microsoft.Extensions.Logging.Abstractions;
using Mneme.IntegrationTests.Cluster;
using Mneme.Platform.Persistence.Backup;
using Mneme.Platform.Persistence.Cluster;
using static Mneme.IntegrationTests.Cluster.ClusterWorkshop;

namespace Mneme.IntegrationTests.Backup;

/// <summary>An installation to save, and an empty folder to restore it into.</summary>
internal sealed class BackupWorkshop : IAsyncDisposable
{
    public ClusterWorkshop Clusters { get; } = new();

    public string Archive => Path.Combine(Clusters.Root, "backup.tar");

    public BackupOptions Options => new() { Cluster = Clusters.Options, ProgramVersion = "1.2.3" };

    public BackupOptions Target => Options with { Cluster = Clusters.Options with { DataFolder = Path.Combine(Clusters.Root, "restored") } };

    public Task<BackupManifest> SaveAsync(BackupOptions? options = null, CancellationToken? ct = null) =>
        Backups.SaveAsync(options ?? Options, Archive, progress: null, NullLogger.Instance, TimeProvider.System, ct ?? Ct);

    public Task<BackupManifest> RestoreAsync(BackupOptions? options = null, IProgress<BackupProgress>? progress = null, CancellationToken? ct = null) =>
        Backups.RestoreAsync(options ?? Target, Archive, progress, NullLogger.Instance, TimeProvider.System, ct ?? Ct);

    /// <summary>Two databases with the shapes that are easily lost, and some files.</summary>
    public async Task FillAsync(PrivateCluster cluster)
    {
        await cluster.CreateDatabaseIfMissingAsync("study", Ct);
        await cluster.CreateDatabaseIfMissingAsync("progress", Ct);
        await ExecuteAsync(cluster.ConnectionString("study"), """
            CREATE SCHEMA inner_part;
            CREATE TABLE cards (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), front text NOT NULL, data jsonb, seen timestamptz, picture bytea);
            CREATE TABLE inner_part.log (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, card uuid REFERENCES cards, quality smallint CHECK (quality BETWEEN 0 AND 5));
            CREATE INDEX ON cards USING gin (data);
            INSERT INTO cards (front, data, seen, picture)
                SELECT 'Wörter 今日 ' || n, jsonb_build_object('n', n, 'x', 'ü"\'), now() - n * interval '1 hour', sha256(n::text::bytea) FROM generate_series(1, 2000) n;
            INSERT INTO inner_part.log (card, quality) SELECT id, 4 FROM cards;
            """);
        await ExecuteAsync(cluster.ConnectionString("progress"), "CREATE TABLE points (user_id int PRIMARY KEY, total bigint); INSERT INTO points SELECT n, n * 10 FROM generate_series(1, 500) n");
        WriteFile("files/ab/picture.png", RandomNumberGenerator.GetBytes(300_000));
        WriteFile("files/ein Name mit Ümlauten und 今日.txt", [1, 2, 3]);
        WriteFile($"files/{new string('l', 180)}/{new string('m', 180)}.bin", [4]);
        WriteFile("files/empty", []);
        WriteFile("mail/2026/welcome.eml", "Subject: hello\r\n"u8.ToArray());
        WriteFile("keys/signing.pem", "secret"u8.ToArray(), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        WriteFile("run/left.out", [1]);
        WriteFile("files/half.partial", [1]);
    }

    public void WriteFile(string relative, byte[] content, UnixFileMode? mode = null)
    {
        var path = Path.Combine(Clusters.DataFolder, relative);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, content);
        if (mode is { } given) Posix.SetMode(path, given);
    }

    /// <summary>Every row of every table as text, digested by the server: independent of how the backup counts.</summary>
    public static async Task<string> DigestAsync(Func<string, string> connectionString)
    {
        var study = connectionString("study");
        return string.Join(
            '|',
            await QueryAsync<string>(study, "SELECT md5(string_agg(c::text, ',' ORDER BY id)) FROM cards c"),
            await QueryAsync<string>(study, "SELECT md5(string_agg(l::text, ',' ORDER BY id)) FROM inner_part.log l"),
            await QueryAsync<string>(study, "SELECT string_agg(indexdef, ',' ORDER BY indexdef) FROM pg_indexes WHERE schemaname IN ('public', 'inner_part')"),
            await QueryAsync<string>(study, "SELECT string_agg(pg_get_constraintdef(oid), ',' ORDER BY conname) FROM pg_constraint WHERE connamespace <> 'pg_catalog'::regnamespace AND connamespace <> 'information_schema'::regnamespace"),
            await QueryAsync<string>(connectionString("progress"), "SELECT md5(string_agg(p::text, ',' ORDER BY user_id)) FROM points p"));
    }

    /// <summary>Path, mode and SHA-256 of every file below the folders that a backup holds.</summary>
    public static List<string> FilesOf(string dataFolder) =>
    [
        .. from folder in new[] { "files", "mail", "keys" }
           from path in Directory.EnumerateFiles(Path.Combine(dataFolder, folder), "*", SearchOption.AllDirectories)
           where !path.EndsWith(".partial", StringComparison.Ordinal)
           let line = $"{Path.GetRelativePath(dataFolder, path)} {Posix.Owner(path)!.Value.Mode} {Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(path)))}"
           orderby line
           select line,
    ];

    public ValueTask DisposeAsync() => Clusters.DisposeAsync();
}
