using Npgsql;

namespace Mneme.Platform.Persistence.Cluster;

/// <summary>How to reach a running private cluster: its socket's folder and its postmaster.</summary>
/// <param name="SocketDirectory">The folder of the Unix socket; Npgsql's <c>Host</c>.</param>
/// <param name="ProcessId">The postmaster's process id.</param>
/// <param name="DataDirectory">The cluster's own folder (PGDATA).</param>
public sealed record ClusterAddress(string SocketDirectory, int ProcessId, string DataDirectory)
{
    /// <summary>The role that owns everything in a private cluster.</summary>
    public const string User = "mneme";

    /// <summary>The port, which over a socket is a part of its name only.</summary>
    public const int Port = 5432;

    /// <summary>
    /// An Npgsql connection string for one database. Statement, lock and idle-in-transaction limits are the caller's, through
    /// <paramref name="configure"/>, because they differ between requests, migrations and backups.
    /// </summary>
    public string ConnectionString(string database, Action<NpgsqlConnectionStringBuilder>? configure = null) =>
        ConnectionString(SocketDirectory, database, configure);

    internal static string ConnectionString(string socketDirectory, string database, Action<NpgsqlConnectionStringBuilder>? configure)
    {
        var builder = new NpgsqlConnectionStringBuilder
        {
            Host = socketDirectory,
            Port = Port,
            Username = User,
            Database = database,
            ApplicationName = "mneme",
            // Over a Unix socket there is nothing to encrypt, and asking costs a round trip per connection.
            SslMode = SslMode.Disable,
            GssEncryptionMode = GssEncryptionMode.Disable,
        };
        configure?.Invoke(builder);
        return builder.ConnectionString;
    }
}
