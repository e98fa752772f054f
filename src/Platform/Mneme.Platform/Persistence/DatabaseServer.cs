using Npgsql;

namespace Mneme.Platform.Persistence;

/// <summary>
/// Where the services' databases are. Usually each service has a database of its own (<c>mneme_study</c>); on a server that grants one
/// database only, each has a schema of its own in it.
/// </summary>
/// <param name="baseConnectionString">Npgsql connection string to the server and a database that exists.</param>
/// <param name="prefix">Prefix of the databases' or schemas' names.</param>
public sealed class DatabaseServer(string baseConnectionString, string prefix)
{
    private bool _oneDatabase;

    /// <summary>The server, and a database on it that exists. May hold a password.</summary>
    public string BaseConnectionString => baseConnectionString;

    /// <summary>Name of a service's database, or of its schema where there is one database only.</summary>
    public string NameOf(string service) => $"{prefix}_{service}";

    public string ConnectionString(string service)
    {
        var builder = new NpgsqlConnectionStringBuilder(baseConnectionString);
        if (_oneDatabase)
            builder.SearchPath = NameOf(service);
        else
            builder.Database = NameOf(service);
        return builder.ConnectionString;
    }

    /// <summary>Creates what is missing; safe when several instances start at once.</summary>
    public async Task CreateMissingAsync(IReadOnlyCollection<string> services, CancellationToken ct)
    {
        await using var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(baseConnectionString) { Pooling = false }.ConnectionString);
        await using var connection = await source.OpenConnectionAsync(ct);
        _oneDatabase = await IsOneDatabaseAsync(connection, [.. services.Select(NameOf)], ct);
        foreach (var service in services)
        {
            var name = NameOf(service);
            await using var exists = new NpgsqlCommand(
                _oneDatabase ? "select 1 from pg_namespace where nspname = $1" : "select 1 from pg_database where datname = $1", connection)
            { Parameters = { new() { Value = name } } };
            if (await exists.ExecuteScalarAsync(ct) is not null)
                continue;
            // Names are made of the validated prefix and a service's constant name, so quoting them is enough.
            await using var create = new NpgsqlCommand(_oneDatabase ? $"create schema if not exists \"{name}\"" : $"create database \"{name}\"", connection);
            try
            {
                await create.ExecuteNonQueryAsync(ct);
            }
            catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.DuplicateDatabase or PostgresErrorCodes.UniqueViolation)
            {
                // Another instance was faster.
            }
        }
    }

    /// <summary>What is there decides before the rights do: a right granted or withdrawn later must not lead to empty databases beside the full ones.</summary>
    private static async Task<bool> IsOneDatabaseAsync(NpgsqlConnection connection, string[] names, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand("""
            select case
                when exists (select from pg_namespace where nspname = any($1)) then true
                when exists (select from pg_database where datname = any($1)) then false
                else not (select rolcreatedb or rolsuper from pg_roles where rolname = current_user)
            end
            """, connection) { Parameters = { new() { Value = names } } };
        return await command.ExecuteScalarAsync(ct) is true;
    }

    /// <summary>Reads <c>postgres://user:password@host:port/database?sslmode=…</c>; anything else is taken for an Npgsql connection string.</summary>
    /// <exception cref="FormatException">It is neither.</exception>
    public static string ParseUrl(string url)
    {
        if (!url.StartsWith("postgres://", StringComparison.Ordinal) && !url.StartsWith("postgresql://", StringComparison.Ordinal))
        {
            try
            {
                return new NpgsqlConnectionStringBuilder(url).ConnectionString;
            }
            catch (ArgumentException e)
            {
                throw new FormatException("Database__Url is neither postgres://user:password@host:5432/database nor an Npgsql connection string.", e);
            }
        }

        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri))
            throw new FormatException("Database__Url is not an address of the form postgres://user:password@host:5432/database.");
        var user = uri.UserInfo.Split(':', 2);
        var query = System.Web.HttpUtility.ParseQueryString(uri.Query);
        var builder = new NpgsqlConnectionStringBuilder
        {
            // libpq's convention for Unix sockets: the directory as the query's host.
            Host = query["host"] ?? uri.Host,
            Port = uri.Port > 0 ? uri.Port : 5432,
            Username = user[0].Length > 0 ? Uri.UnescapeDataString(user[0]) : null,
            Password = user.Length > 1 ? Uri.UnescapeDataString(user[1]) : null,
            Database = uri.AbsolutePath.Length > 1 ? Uri.UnescapeDataString(uri.AbsolutePath[1..]) : "postgres",
        };
        if (query["sslrootcert"] is { } certificate)
            builder.RootCertificate = certificate;
        if (query["sslmode"] is { } ssl)
            builder.SslMode = Enum.TryParse<SslMode>(ssl.Replace("-", "", StringComparison.Ordinal), ignoreCase: true, out var mode)
                ? mode
                : throw new FormatException($"Database__Url: sslmode={ssl} is not known.");
        return builder.ConnectionString;
    }
}
