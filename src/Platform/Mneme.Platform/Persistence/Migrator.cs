using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Mneme.Platform.Persistence;

/// <summary>
/// Applies SQL files embedded in an assembly (<c>Migrations/0001_name.sql</c>), in order, each in a transaction, under an advisory lock, and
/// records them with a checksum. Instances that start at once wait for each other.
/// </summary>
public sealed partial class Migrator(ILogger<Migrator> logger)
{
    // Any constant will do; it is the same in every database, as advisory locks belong to one database.
    private const long LockKey = 0x6D6E656D65;

    /// <returns>How many migrations were applied.</returns>
    /// <exception cref="MigrationException">A recorded migration was edited or is unknown to this build, or one failed.</exception>
    public Task<int> ApplyAsync(string connectionString, string service, IEnumerable<Assembly> assemblies, CancellationToken ct) =>
        RunAsync(connectionString, service, assemblies, mayApply: true, ct);

    /// <summary>Only looks. A newer schema will do: migrations leave what the version before them needs, so that one target can be rolled back alone.</summary>
    /// <exception cref="MigrationException">The database lacks something of this version's schema.</exception>
    public Task VerifyAsync(string connectionString, string service, IEnumerable<Assembly> assemblies, CancellationToken ct) =>
        RunAsync(connectionString, service, assemblies, mayApply: false, ct);

    private async Task<int> RunAsync(string connectionString, string service, IEnumerable<Assembly> assemblies, bool mayApply, CancellationToken ct)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false, CommandTimeout = 0 }.ConnectionString);
        await connection.OpenAsync(ct);
        await ExecuteAsync(connection, $"select pg_advisory_lock({LockKey})", ct);
        if (mayApply)
        {
            await ExecuteAsync(connection, """
                create table if not exists schema_migrations (
                    source text not null, version integer not null, name text not null, checksum text not null,
                    applied_at timestamptz not null default now(), primary key (source, version))
                """, ct);
        }

        var applied = 0;
        foreach (var assembly in assemblies)
        {
            var migrations = Load(assembly);
            var recorded = await RecordedAsync(connection, assembly.GetName().Name!, ct);
            var unknown = recorded.Keys.Except(migrations.Select(m => m.Version)).ToList();
            if (unknown.Count > 0 && !mayApply)
                LogNewer(service, unknown[0]);
            else if (unknown.Count > 0)
                throw new MigrationException($"The database of '{service}' has migration {unknown[0]} that this version of the program does not know: it was used by a newer version. Start that version.");
            foreach (var migration in migrations)
            {
                if (recorded.TryGetValue(migration.Version, out var checksum))
                {
                    if (checksum != migration.Checksum)
                        throw new MigrationException($"Migration {migration.Name} of '{service}' was edited after it had been applied. Restore the file and write a new migration instead.");
                    continue;
                }

                if (!mayApply)
                    throw new MigrationException($"The database of '{service}' lacks migration {migration.Name}. Run `mneme migrate`, or set Database__MigrateAtStart=true.");
                await ApplyAsync(connection, assembly.GetName().Name!, migration, service, ct);
                applied++;
            }
        }

        if (applied > 0)
            LogApplied(service, applied);
        return applied;
    }

    private static async Task ApplyAsync(NpgsqlConnection connection, string source, Migration migration, string service, CancellationToken ct)
    {
        await using var transaction = await connection.BeginTransactionAsync(ct);
        try
        {
            await ExecuteAsync(connection, migration.Sql, ct);
        }
        catch (PostgresException e)
        {
            throw new MigrationException($"Migration {migration.Name} of '{service}' failed and was rolled back: {e.MessageText} (position {e.Position}).", e);
        }

        await using var record = new NpgsqlCommand("insert into schema_migrations (source, version, name, checksum) values ($1, $2, $3, $4)", connection)
        {
            Parameters = { new() { Value = source }, new() { Value = migration.Version }, new() { Value = migration.Name }, new() { Value = migration.Checksum } },
        };
        await record.ExecuteNonQueryAsync(ct);
        await transaction.CommitAsync(ct);
    }

    private static List<Migration> Load(Assembly assembly)
    {
        const string Marker = ".Migrations.";
        var migrations = assembly.GetManifestResourceNames()
            .Where(name => name.Contains(Marker, StringComparison.Ordinal) && name.EndsWith(".sql", StringComparison.Ordinal))
            .Select(resource =>
            {
                var name = resource[(resource.IndexOf(Marker, StringComparison.Ordinal) + Marker.Length)..^4];
                using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
                var sql = reader.ReadToEnd().ReplaceLineEndings("\n");
                return new Migration(int.Parse(name[..4]), name, sql, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(sql))));
            })
            .OrderBy(m => m.Version)
            .ToList();
        return migrations.Select((m, i) => m.Version == i + 1).All(ok => ok)
            ? migrations
            : throw new MigrationException($"The migrations of {assembly.GetName().Name} are not numbered 0001, 0002, … without gaps.");
    }

    private static async Task<Dictionary<int, string>> RecordedAsync(NpgsqlConnection connection, string source, CancellationToken ct)
    {
        var recorded = new Dictionary<int, string>();
        await using var exists = new NpgsqlCommand("select to_regclass('schema_migrations') is not null", connection);
        if (await exists.ExecuteScalarAsync(ct) is not true)
            return recorded;
        await using var command = new NpgsqlCommand("select version, checksum from schema_migrations where source = $1", connection) { Parameters = { new() { Value = source } } };
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
            recorded[reader.GetInt32(0)] = reader.GetString(1);
        return recorded;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(ct);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Migrated the database of {Service}: {Count} migrations applied")]
    private partial void LogApplied(string service, int count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The database of {Service} has migration {Version}, which this version of the program does not know: a newer one has migrated it")]
    private partial void LogNewer(string service, int version);

    private sealed record Migration(int Version, string Name, string Sql, string Checksum);
}

/// <summary>A database cannot be brought to this version's schema; the message says why.</summary>
public sealed class MigrationException(string message, Exception? inner = null) : Exception(message, inner);
