namespace Mneme.Platform.Persistence.Cluster;

/// <summary>
/// The server's configuration, written anew at every start. What an operator sets with <c>ALTER SYSTEM</c> wins over the tuning, but not
/// over what is given on the command line: the way in.
/// </summary>
internal static class ServerSettings
{
    // fsync, synchronous_commit and full_page_writes are named although these are the defaults: an acknowledged write is a durable write.
    // Failing statements and their details are not logged: they hold what people wrote.
    private static string Configuration(int connections) => $"""
        # Written by mneme at every start. Settings of your own: ALTER SYSTEM SET …
        fsync = on
        synchronous_commit = on
        full_page_writes = on

        max_connections = {connections}
        superuser_reserved_connections = 3
        shared_buffers = 128MB
        work_mem = 8MB
        maintenance_work_mem = 64MB
        effective_cache_size = 1GB
        max_wal_size = 1GB
        max_wal_senders = 4
        random_page_cost = 1.1
        jit = off

        log_destination = stderr
        log_min_messages = warning
        log_checkpoints = off
        log_min_error_statement = panic
        log_error_verbosity = terse
        log_line_prefix = '%m [%p] %q%a@%d '
        log_timezone = UTC
        timezone = UTC
        lc_messages = C
        cluster_name = mneme

        """;

    /// <summary>
    /// Who may connect. The socket lies in a folder that only the server's user and root can enter, and the kernel tells the server which
    /// user is at the other end (<c>peer</c>): root, the server's user and the program's. So there is no password to keep, and a mistaken
    /// mode on a folder opens nothing.
    /// </summary>
    private const string Access = """
        # Written by mneme at every start.
        local all         all peer map=mneme
        local replication all peer map=mneme

        """;

    /// <summary>Writes the files and returns the server's arguments.</summary>
    public static string[] Write(ClusterPlace place, RuntimeFolder runtime, int connections)
    {
        string[] users = [.. new[] { "root", place.User.Name, Environment.UserName }.Distinct()];
        var configuration = Write(runtime, "postgresql.conf", Configuration(connections));
        var access = Write(runtime, "pg_hba.conf", Access);
        var identities = Write(runtime, "pg_ident.conf", string.Concat(users.Select(user => $"mneme \"{user}\" {ClusterAddress.User}\n")));
        return
        [
            "-D", place.DataDirectory,
            "-c", $"config_file={configuration}",
            "-c", $"hba_file={access}",
            "-c", $"ident_file={identities}",
            "-c", "listen_addresses=",
            "-c", $"port={ClusterAddress.Port}",
            "-c", $"unix_socket_directories={runtime.SocketDirectory}",
            "-c", "unix_socket_permissions=0700",
        ];
    }

    private static string Write(RuntimeFolder runtime, string name, string text)
    {
        var path = Path.Combine(runtime.Location, name);
        File.WriteAllText(path, text);
        Posix.SetMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        return path;
    }
}
