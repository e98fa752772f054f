using System.Text.Json;

namespace Mneme.Platform.Persistence.Backup;

/// <summary>
/// What an archive holds. It is the archive's last entry, so an archive without it is a truncated one. The first entry holds the same
/// without the lists, so that a reader knows at once what it has before it.
/// </summary>
public sealed record BackupManifest
{
    /// <summary>The layout that this program writes, and the newest that it reads.</summary>
    public const int CurrentFormat = 1;

    /// <summary>The layout of this archive.</summary>
    public required int Format { get; init; }

    /// <summary>The program that wrote it.</summary>
    public required string ProgramVersion { get; init; }

    /// <summary>The one point in time of all databases.</summary>
    public required DateTimeOffset TakenAt { get; init; }

    /// <summary>The major version of <c>pg_dump</c>; an older <c>pg_restore</c> may not read its files.</summary>
    public required int PostgresVersion { get; init; }

    public IReadOnlyList<BackupDatabase> Databases { get; init; } = [];

    /// <summary>Every entry between the first and this one, in the archive's order. A name that occurs twice: the later one holds.</summary>
    public IReadOnlyList<BackupEntry> Entries { get; init; } = [];

    internal const string HeaderName = "mneme-backup.json";
    internal const string Name = "manifest.json";
    internal const string DatabasesFolder = "databases/";
    internal const string DataFolder = "data/";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    internal byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, Json);

    /// <summary>Null when it is no manifest.</summary>
    internal static BackupManifest? FromJson(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize<BackupManifest>(json, Json);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    internal static string DumpName(string database) => $"{DatabasesFolder}{database}.dump";
}

/// <summary>A database of an archive.</summary>
/// <param name="Name">The database's name.</param>
/// <param name="Rows">Rows by <c>schema.table</c> at the archive's point in time.</param>
public sealed record BackupDatabase(string Name, IReadOnlyDictionary<string, long> Rows);

/// <summary>An entry of an archive.</summary>
/// <param name="Name">The entry's path in the archive.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Sha256">Lower-case hexadecimal.</param>
public sealed record BackupEntry(string Name, long Size, string Sha256);

/// <summary>How far a backup or a restore is.</summary>
/// <param name="Step">What is being done: <c>files</c>, <c>database</c>, <c>verify</c>, <c>rows</c>.</param>
/// <param name="Item">The file or database.</param>
/// <param name="Bytes">Bytes of archive written or read so far.</param>
public readonly record struct BackupProgress(string Step, string Item, long Bytes);
