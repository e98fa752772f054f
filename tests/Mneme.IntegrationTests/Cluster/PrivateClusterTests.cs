using Mneme.Platform.Persistence.Cluster;
using Npgsql;
using static Mneme.IntegrationTests.Cluster.ClusterWorkshop;

namespace Mneme.IntegrationTests.Cluster;

public sealed class PrivateClusterTests
{
    [Fact]
    public async Task The_first_start_makes_a_cluster_with_safe_settings_and_no_network()
    {
        await using var workshop = new ClusterWorkshop();
        await using var cluster = await workshop.StartAsync();

        var connection = cluster.ConnectionString("postgres");
        foreach (var (setting, value) in new[]
                 {
                     ("listen_addresses", ""), ("fsync", "on"), ("synchronous_commit", "on"), ("full_page_writes", "on"), ("data_checksums", "on"),
                     ("server_encoding", "UTF8"), ("lc_collate", "C.UTF-8"), ("jit", "off"), ("timezone", "UTC"),
                     ("max_connections", PrivateClusterOptions.MaxConnections.ToString()),
                     ("log_min_error_statement", "panic"), ("log_error_verbosity", "terse"),
                 })
        {
            (await QueryAsync<string>(connection, setting == "lc_collate" ? "SELECT datcollate::text FROM pg_database WHERE datname = 'template1'" : $"SHOW {setting}"))
                .ShouldBe(value, setting);
        }
    }

    [Fact]
    public async Task The_server_runs_without_privileges_in_a_session_of_its_own()
    {
        await using var workshop = new ClusterWorkshop();
        await using var cluster = await workshop.StartAsync();

        var status = await File.ReadAllTextAsync($"/proc/{cluster.ProcessId}/status", Ct);
        status.ShouldNotContain("Uid:\t0");
        status.ShouldContain("CapEff:\t0000000000000000");
        var stat = (await File.ReadAllTextAsync($"/proc/{cluster.ProcessId}/stat", Ct)).Split(' ');
        stat[5].ShouldBe(cluster.ProcessId.ToString(), "a terminal's Ctrl-C goes to the program's session only");
        (await File.ReadAllTextAsync($"/proc/{cluster.ProcessId}/cmdline", Ct)).ShouldContain(cluster.DataDirectory);
    }

    [Fact]
    public async Task Data_survive_a_clean_stop()
    {
        await using var workshop = new ClusterWorkshop();
        await using (var first = await workshop.StartAsync())
            await ExecuteAsync(first.ConnectionString("postgres"), "CREATE TABLE kept AS SELECT 42 AS answer");

        await using var second = await workshop.StartAsync();
        (await QueryAsync<int>(second.ConnectionString("postgres"), "SELECT answer FROM kept")).ShouldBe(42);
    }

    [Fact]
    public async Task Stopping_ends_the_server_and_removes_its_socket()
    {
        await using var workshop = new ClusterWorkshop();
        var cluster = await workshop.StartAsync();
        var processId = cluster.ProcessId;
        Directory.Exists(cluster.SocketDirectory).ShouldBeTrue();

        await cluster.StopAsync();

        Lives(processId).ShouldBeFalse();
        Directory.Exists(cluster.SocketDirectory).ShouldBeFalse();
        File.Exists(Path.Combine(cluster.DataDirectory, "postmaster.pid")).ShouldBeFalse();
        PrivateCluster.FindRunning(workshop.DataFolder).ShouldBeNull();
        await cluster.DisposeAsync();
    }

    [Fact]
    public async Task A_second_program_on_the_same_data_folder_is_refused_with_the_number_of_the_first()
    {
        await using var workshop = new ClusterWorkshop();
        await using var cluster = await workshop.StartAsync();

        var refusal = await Should.ThrowAsync<ClusterLockedException>(() => workshop.StartAsync());

        refusal.Holder.ShouldBe(Environment.ProcessId);
        refusal.Message.ShouldContain($"process {Environment.ProcessId}");
        refusal.Message.ShouldContain("--data");
        (await QueryAsync<int>(cluster.ConnectionString("postgres"), "SELECT 1")).ShouldBe(1);
    }

    [Fact]
    public async Task Databases_are_created_once_however_many_callers_ask()
    {
        await using var workshop = new ClusterWorkshop();
        await using var cluster = await workshop.StartAsync();

        await Task.WhenAll(Enumerable.Range(0, 12).Select(i => cluster.CreateDatabaseIfMissingAsync(i % 2 == 0 ? "study" : "progress", Ct)));

        (await QueryAsync<long>(cluster.ConnectionString("postgres"), "SELECT count(*) FROM pg_database WHERE datname IN ('study', 'progress')")).ShouldBe(2);
        (await QueryAsync<string>(cluster.ConnectionString("study"), "SELECT current_database()::text")).ShouldBe("study");
        await Should.ThrowAsync<ArgumentException>(() => cluster.CreateDatabaseIfMissingAsync("a\"; DROP DATABASE study; --", Ct));
    }

    [Fact]
    public async Task Others_than_the_programs_and_the_servers_user_cannot_connect()
    {
        await using var workshop = new ClusterWorkshop();
        await using var cluster = await workshop.StartAsync();

        Posix.Owner(cluster.SocketDirectory)!.Value.Mode.ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var connection = cluster.ConnectionString("postgres");
        (await QueryAsync<bool>(connection, "SELECT bool_and(auth_method = 'peer' AND type = 'local') FROM pg_hba_file_rules")).ShouldBeTrue();
        (await QueryAsync<long>(connection, "SELECT count(*) FROM pg_ident_file_mappings WHERE sys_name NOT IN ('root', 'postgres', 'nobody') AND sys_name <> '" + Environment.UserName + "'")).ShouldBe(0);
        // The kernel's word decides: another role's name is refused even from here.
        var stranger = cluster.ConnectionString("postgres", c => c.Username = "stranger");
        (await Should.ThrowAsync<PostgresException>(() => QueryAsync<int>(stranger, "SELECT 1"))).SqlState.ShouldBe("28000");
    }

    [Fact]
    public async Task A_short_task_joins_a_running_cluster_or_starts_it()
    {
        await using var workshop = new ClusterWorkshop();
        await using (var alone = await ClusterSession.OpenAsync(workshop.Options, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance, TimeProvider.System, Ct))
            alone.Joined.ShouldBeFalse();

        using var host = ClusterHost.Launch(workshop);
        await host.ReadyAsync();
        await using var joined = await ClusterSession.OpenAsync(workshop.Options, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance, TimeProvider.System, Ct);

        joined.Joined.ShouldBeTrue();
        (await QueryAsync<int>(joined.Address.ConnectionString("postgres"), "SELECT 1")).ShouldBe(1);
    }

    [Fact]
    public async Task The_servers_log_is_bounded()
    {
        await using var workshop = new ClusterWorkshop();
        var log = new ServerLogFile(Path.Combine(workshop.Root, "postgres.log"));
        await File.WriteAllTextAsync(log.Location, new string('x', 11 << 20), Ct);
        await using var appending = new FileStream(log.Location, FileMode.Append, FileAccess.Write, FileShare.ReadWrite);

        log.Bound();

        log.Length.ShouldBe(0);
        new FileInfo(log.Location + ".1").Length.ShouldBe(11 << 20);
    }
}
