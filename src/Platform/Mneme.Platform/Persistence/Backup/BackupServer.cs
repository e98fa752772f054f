using System.Diagnostics;
using Mneme.Platform.Persistence.Cluster;
using Npgsql;

namespace Mneme.Platform.Persistence.Backup;

/// <summary>The server whose databases are saved or restored, and PostgreSQL's own programs for it.</summary>
internal sealed class BackupServer
{
    private readonly NpgsqlConnectionStringBuilder _connection;
    private readonly PostgresBinaries _binaries;

    /// <summary>A server, reached by a connection to any of its databases.</summary>
    /// <param name="connectionString">Any database of the server; its user may read (restore: create) the databases.</param>
    /// <param name="binaries">Where pg_dump and pg_restore are; not older than the server.</param>
    public BackupServer(string connectionString, PostgresBinaries binaries) =>
        (_connection, _binaries) = (new NpgsqlConnectionStringBuilder(connectionString), binaries);

    public int ToolsVersion => _binaries.Major;

    public string ConnectionString(string? database = null) =>
        new NpgsqlConnectionStringBuilder(_connection.ConnectionString)
        {
            Database = database ?? _connection.Database,
            Pooling = false,
            CommandTimeout = 0, // counting and analysing take as long as they take; cancellation ends them
            ApplicationName = "mneme backup",
            Options = "-c statement_timeout=0 -c idle_in_transaction_session_timeout=0",
        }.ConnectionString;

    public async Task<NpgsqlConnection> OpenAsync(string? database, CancellationToken ct)
    {
        var connection = new NpgsqlConnection(ConnectionString(database));
        try
        {
            await connection.OpenAsync(ct);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InvalidCatalogName)
        {
            await connection.DisposeAsync();
            throw new BackupException(
                $"The server has no database {database}: start the program on it once. Where a server grants one database only, and each service has a schema in it, save that database with pg_dump.", e);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }

        if (connection.PostgreSqlVersion.Major <= ToolsVersion) return connection;
        var version = connection.PostgreSqlVersion.Major;
        await connection.DisposeAsync();
        throw new BackupException($"The server is PostgreSQL {version}, but the newest pg_dump here is of {ToolsVersion}. As root: apt-get install postgresql-client-{version}");
    }

    /// <summary>The databases that are not PostgreSQL's own.</summary>
    public async Task<List<string>> DatabasesAsync(CancellationToken ct)
    {
        await using var connection = await OpenAsync(database: null, ct);
        await using var command = new NpgsqlCommand("SELECT datname::text FROM pg_database WHERE NOT datistemplate AND datname <> 'postgres' ORDER BY datname", connection);
        await using var reader = await command.ExecuteReaderAsync(ct);
        var names = new List<string>();
        while (await reader.ReadAsync(ct)) names.Add(reader.GetString(0));
        return names;
    }

    /// <summary>Rows of every table, in the connection's transaction.</summary>
    public static async Task<SortedDictionary<string, long>> CountRowsAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        const string Tables = """
            SELECT n.nspname || '.' || c.relname, format('%I.%I', n.nspname, c.relname)
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND n.nspname NOT LIKE 'pg\_%' AND n.nspname <> 'information_schema'
            """;
        var tables = new List<(string Name, string Quoted)>();
        await using (var command = new NpgsqlCommand(Tables, connection))
        await using (var reader = await command.ExecuteReaderAsync(ct))
            while (await reader.ReadAsync(ct)) tables.Add((reader.GetString(0), reader.GetString(1)));

        var rows = new SortedDictionary<string, long>(StringComparer.Ordinal);
        foreach (var (name, quoted) in tables)
        {
            await using var count = new NpgsqlCommand($"SELECT count(*) FROM {quoted}", connection);
            rows[name] = (long)(await count.ExecuteScalarAsync(ct))!;
        }

        return rows;
    }

    public Task DumpAsync(string database, string snapshot, string file, CancellationToken ct) =>
        RunAsync("pg_dump", ["--format=custom", "--no-owner", "--no-privileges", $"--snapshot={snapshot}", $"--file={file}", "--no-password"], database, ct);

    /// <summary>Fills an empty database from a dump.</summary>
    /// <param name="database">An empty database.</param>
    /// <param name="file">What <see cref="DumpAsync"/> wrote.</param>
    /// <param name="atOnce">In one transaction, so that a failure leaves the database empty; otherwise faster, with two connections.</param>
    /// <param name="ct">Ends it.</param>
    public async Task RestoreAsync(string database, string file, bool atOnce, CancellationToken ct)
    {
        await RunAsync(
            "pg_restore",
            ["--exit-on-error", "--no-owner", "--no-privileges", atOnce ? "--single-transaction" : "--jobs=2", $"--dbname={database}", "--no-password", file],
            database, ct);
        // A dump holds no statistics, and without them the first queries take wrong plans.
        await using var connection = await OpenAsync(database, ct);
        await using var analyze = new NpgsqlCommand("ANALYZE", connection);
        await analyze.ExecuteNonQueryAsync(ct);
    }

    private async Task RunAsync(string program, string[] arguments, string database, CancellationToken ct)
    {
        var command = Tool.Command(_binaries[program], arguments);
        Describe(command, database);
        var (code, output) = await Task.Run(() => Tool.Run(command, ct), ct);
        if (code != 0) throw new BackupException($"{program} of the database {database} failed: {output.Trim()}");
    }

    // By environment, because a password in the arguments is readable by everybody on the machine.
    private void Describe(ProcessStartInfo command, string database)
    {
        var variables = command.Environment;
        variables["PGHOST"] = _connection.Host;
        variables["PGPORT"] = $"{_connection.Port}";
        variables["PGUSER"] = _connection.Username;
        variables["PGDATABASE"] = database;
        variables["PGCONNECT_TIMEOUT"] = "15";
        if (_connection.Password is { } password) variables["PGPASSWORD"] = password;
        if (_connection.RootCertificate is { } root) variables["PGSSLROOTCERT"] = root;
        variables["PGSSLMODE"] = _connection.SslMode switch
        {
            SslMode.VerifyFull => "verify-full",
            SslMode.VerifyCA => "verify-ca",
            SslMode.Require => "require",
            SslMode.Disable => "disable",
            _ => "prefer",
        };
    }
}
