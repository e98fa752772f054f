using System.Text.RegularExpressions;
using Npgsql;

namespace Mneme.Platform.Persistence.Cluster;

/// <summary>Creating databases on a server where this role may.</summary>
public static partial class ClusterDatabases
{
    // Any number that nothing else locks: CREATE DATABASE has no IF NOT EXISTS, and two at once disturb each other over the template.
    private const long CreationLock = 0x6d6e656d65_01;

    /// <summary>Creates a database unless it exists; safe when several callers, also of different processes, ask at once.</summary>
    /// <param name="connectionString">A connection to any existing database of the server, such as <c>postgres</c>.</param>
    /// <param name="name">Lower-case letters, digits and underscores, at most 63.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <returns>Whether it was created here.</returns>
    public static async Task<bool> CreateIfMissingAsync(string connectionString, string name, CancellationToken ct)
    {
        if (!Name().IsMatch(name)) throw new ArgumentException($"'{name}' is no database name: lower-case letters, digits and underscores, at most 63.", nameof(name));
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ConnectionString);
        await connection.OpenAsync(ct);
        if (await ExistsAsync(connection, name, ct)) return false;
        await ExecuteAsync(connection, $"SELECT pg_advisory_lock({CreationLock})", ct); // ends with the connection
        if (await ExistsAsync(connection, name, ct)) return false;
        await ExecuteAsync(connection, $"CREATE DATABASE {name}", ct);
        return true;
    }

    private static async Task<bool> ExistsAsync(NpgsqlConnection connection, string name, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand("SELECT 1 FROM pg_database WHERE datname = $1", connection) { Parameters = { new() { Value = name } } };
        return await command.ExecuteScalarAsync(ct) is not null;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(ct);
    }

    [GeneratedRegex("^[a-z][a-z0-9_]{0,62}$", RegexOptions.NonBacktracking)]
    private static partial Regex Name();
}
