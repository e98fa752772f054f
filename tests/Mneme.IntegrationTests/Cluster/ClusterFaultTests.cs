using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Mneme.Platform.Persistence.Cluster;
using Npgsql;
using static Mneme.IntegrationTests.Cluster.ClusterWorkshop;

namespace Mneme.IntegrationTests.Cluster;

public sealed class ClusterFaultTests
{
    [Fact]
    public async Task A_program_killed_takes_its_server_down_and_the_next_start_has_every_acknowledged_row()
    {
        await using var workshop = new ClusterWorkshop();
        int server;
        using (var host = ClusterHost.Launch(workshop))
        {
            await host.ReadyAsync();
            var running = PrivateCluster.FindRunning(workshop.DataFolder).ShouldNotBeNull();
            server = running.ProcessId;
            await ExecuteAsync(running.ConnectionString("postgres"), "CREATE TABLE kept AS SELECT 42 AS answer");
            (await Should.ThrowAsync<ClusterLockedException>(() => workshop.StartAsync())).Holder.ShouldBe(host.ProcessId);
            host.Kill();
        }

        await Eventually(() => !Lives(server), "the kernel's signal stops the server");
        await using var cluster = await workshop.StartAsync();
        (await QueryAsync<int>(cluster.ConnectionString("postgres"), "SELECT answer FROM kept")).ShouldBe(42);
    }

    [Fact]
    public async Task A_program_killed_and_started_at_once_never_has_two_servers()
    {
        await using var workshop = new ClusterWorkshop();
        using var host = ClusterHost.Launch(workshop);
        await host.ReadyAsync();
        var server = PrivateCluster.FindRunning(workshop.DataFolder).ShouldNotBeNull().ProcessId;
        host.Kill();

        await using var cluster = await workshop.StartAsync(); // while the old server is still stopping

        cluster.ProcessId.ShouldNotBe(server);
        Lives(server).ShouldBeFalse();
        LiveServers.Postmasters(LiveServers.On(cluster.DataDirectory)).ShouldHaveSingleItem().ProcessId.ShouldBe(cluster.ProcessId);
    }

    [Fact]
    public async Task An_initialisation_killed_half_way_is_done_again()
    {
        await using var workshop = new ClusterWorkshop();
        using (var host = ClusterHost.Launch(workshop, await NeverEndingInitdbAsync(workshop)))
        {
            await Eventually(
                () => Directory.Exists(workshop.DataFolder) && Directory.EnumerateDirectories(workshop.DataFolder, ClusterInitialiser.AttemptPrefix + "*").Any(d => File.Exists(Path.Combine(d, "nearly"))),
                "initdb has nearly ended");
            host.Kill();
        }

        Directory.Exists(Path.Combine(workshop.DataFolder, "postgres")).ShouldBeFalse("only a whole cluster gets its name");
        await using var cluster = await workshop.StartAsync();
        (await QueryAsync<int>(cluster.ConnectionString("postgres"), "SELECT 1")).ShouldBe(1);
        await cluster.StopAsync();
        await using var again = await workshop.StartAsync();
        Directory.EnumerateDirectories(workshop.DataFolder, ClusterInitialiser.AttemptPrefix + "*").ShouldBeEmpty();
    }

    [Fact]
    public async Task An_orphaned_server_is_stopped_before_a_new_one_starts()
    {
        await using var workshop = new ClusterWorkshop();
        string directory;
        await using (var first = await workshop.StartAsync()) directory = first.DataDirectory;
        StartOrphan(directory);
        await Eventually(() => PostmasterFile.Read(directory) is { Ready: true }, "the orphan is ready");
        var orphan = PostmasterFile.Read(directory)!.ProcessId;

        await using var cluster = await workshop.StartAsync();

        Lives(orphan).ShouldBeFalse();
        LiveServers.Postmasters(LiveServers.On(directory)).ShouldHaveSingleItem().ProcessId.ShouldBe(cluster.ProcessId);
        (await QueryAsync<int>(cluster.ConnectionString("postgres"), "SELECT 1")).ShouldBe(1);
    }

    [Fact]
    public async Task While_an_orphan_lives_and_the_start_is_given_up_no_second_server_comes_beside_it()
    {
        await using var workshop = new ClusterWorkshop();
        string directory;
        await using (var first = await workshop.StartAsync()) directory = first.DataDirectory;
        StartOrphan(directory);
        await Eventually(() => PostmasterFile.Read(directory) is { Ready: true }, "the orphan is ready");
        var orphan = PostmasterFile.Read(directory)!.ProcessId;

        OrphanedServers.Stop(directory, TimeSpan.FromSeconds(15), NullLogger.Instance, TimeProvider.System, isWanted: () => false).ShouldBeFalse("nothing may be started on the folder yet");
        Lives(orphan).ShouldBeTrue();
        OrphanedServers.Stop(directory, TimeSpan.FromSeconds(15), NullLogger.Instance, TimeProvider.System, isWanted: () => true).ShouldBeTrue();
        Lives(orphan).ShouldBeFalse();
    }

    [Fact]
    public async Task A_stale_process_file_whose_number_another_process_has_by_now_does_not_prevent_a_start()
    {
        await using var workshop = new ClusterWorkshop();
        var cluster = await workshop.StartAsync();
        await using var owned = cluster;
        var processFile = Path.Combine(cluster.DataDirectory, "postmaster.pid");
        var lines = await File.ReadAllLinesAsync(processFile, Ct);
        await cluster.StopAsync(immediate: true);
        // The same user's process, as PostgreSQL would only take the file over from another's.
        using var stranger = Process.Start(ServerUser.OwnerOf(cluster.DataDirectory).Command("KILL", "/bin/sleep", "600"))!;
        lines[0] = stranger.Id.ToString();
        await File.WriteAllLinesAsync(processFile, lines, Ct);

        await using var again = await workshop.StartAsync();

        (await QueryAsync<int>(again.ConnectionString("postgres"), "SELECT 1")).ShouldBe(1);
        stranger.HasExited.ShouldBeFalse("it is not ours to end");
        stranger.Kill();
    }

    [Fact]
    public async Task A_server_that_is_killed_is_started_again_and_a_pool_recovers()
    {
        await using var workshop = new ClusterWorkshop();
        await using var cluster = await workshop.StartAsync();
        await using var source = NpgsqlDataSource.Create(cluster.ConnectionString("postgres"));
        await using (var create = source.CreateCommand("CREATE TABLE kept AS SELECT 42 AS answer")) await create.ExecuteNonQueryAsync(Ct);
        var restarted = new TaskCompletionSource();
        cluster.Restarted += (_, _) => restarted.TrySetResult();
        var fallen = cluster.ProcessId;

        cluster.KillServer();
        await restarted.Task.WaitAsync(TimeSpan.FromSeconds(60), Ct);

        cluster.ProcessId.ShouldNotBe(fallen);
        await Eventually(() => Answers(source), "the pool recovers by itself");
        await using var count = source.CreateCommand("SELECT answer FROM kept");
        (await count.ExecuteScalarAsync(Ct)).ShouldBe(42);
    }

    [Fact]
    public async Task An_immediate_stop_is_recovered_from()
    {
        await using var workshop = new ClusterWorkshop();
        await using var cluster = await workshop.StartAsync();
        var connection = cluster.ConnectionString("postgres");
        await ExecuteAsync(connection, "CREATE TABLE kept AS SELECT generate_series(1, 1000) AS n");

        await cluster.RestartAsync(immediate: true, Ct);

        (await QueryAsync<long>(connection, "SELECT count(*) FROM kept")).ShouldBe(1000);
        (await File.ReadAllTextAsync(Path.Combine(workshop.DataFolder, "postgres.log"), Ct)).ShouldContain("was not properly shut down; automatic recovery in progress");
    }

    [Fact]
    public async Task A_server_held_down_stays_down_until_it_is_started()
    {
        await using var workshop = new ClusterWorkshop();
        await using var cluster = await workshop.StartAsync();

        await cluster.StopServerAsync(immediate: true);
        cluster.ProcessId.ShouldBe(0);
        await Should.ThrowAsync<NpgsqlException>(() => QueryAsync<int>(cluster.ConnectionString("postgres"), "SELECT 1"));
        await cluster.StartServerAsync(Ct);

        (await QueryAsync<int>(cluster.ConnectionString("postgres"), "SELECT 1")).ShouldBe(1);
    }

    [Fact]
    public async Task A_server_that_hangs_is_stopped_all_the_same()
    {
        await using var workshop = new ClusterWorkshop();
        var cluster = await StartAsync(workshop.Options with { StopLimit = TimeSpan.FromMilliseconds(300) });
        var processId = cluster.ProcessId;
        using var pause = Process.Start("/bin/kill", ["-STOP", processId.ToString()])!;
        await pause.WaitForExitAsync(Ct);

        await cluster.StopAsync();

        Lives(processId).ShouldBeFalse();
        await using var again = await workshop.StartAsync();
        (await QueryAsync<int>(again.ConnectionString("postgres"), "SELECT 1")).ShouldBe(1);
    }

    [Theory]
    [InlineData(1)] // before anything is done
    [InlineData(3)] // looking for orphans
    [InlineData(5)] // the server is starting
    public async Task Giving_up_during_the_start_leaves_nothing_behind(int look)
    {
        await using var workshop = new ClusterWorkshop();
        await using (await workshop.StartAsync())
        {
        }

        using var cancelled = new CancellationTokenSource();
        var start = PrivateCluster.StartAsync(workshop.Options, NullLogger.Instance, new GivesUpAtLook(look, cancelled), cancelled.Token);
        await Should.ThrowAsync<OperationCanceledException>(() => start);

        LiveServers.On(Path.Combine(workshop.DataFolder, "postgres")).ShouldBeEmpty();
        await using var again = await workshop.StartAsync();
        (await QueryAsync<int>(again.ConnectionString("postgres"), "SELECT 1")).ShouldBe(1);
    }

    /// <summary>A server on the cluster that no program watches and that no parent's death ends: a fork forgets the signal.</summary>
    private static void StartOrphan(string directory)
    {
        var (code, output) = Tool.Run(ServerUser.OwnerOf(directory).Command(
            "KILL", "/usr/bin/setsid", "--fork", "/bin/sh", "-c", "exec \"$@\" >/dev/null 2>&1", "sh",
            PostgresBinaries.Find("/usr/lib/postgresql", directory)["postgres"], "-D", directory,
            "-c", "listen_addresses=", "-c", $"unix_socket_directories={directory}"));
        code.ShouldBe(0, output);
    }

    /// <summary>Installed programs whose initdb does its work, says so, and does not return.</summary>
    private static async Task<string> NeverEndingInitdbAsync(ClusterWorkshop workshop)
    {
        var real = PostgresBinaries.Find("/usr/lib/postgresql", "");
        var folder = Path.Combine(workshop.Root, "binaries");
        var bin = Path.Combine(folder, real.Major.ToString(), "bin");
        Directory.CreateDirectory(bin);
        var initdb = Path.Combine(bin, "initdb");
        await File.WriteAllTextAsync(initdb, $"#!/bin/sh\n{real["initdb"]} \"$@\" && touch \"$2/nearly\" && exec sleep 600\n", Ct);
        foreach (var path in new[] { folder, Path.GetDirectoryName(bin)!, bin, initdb }) Posix.SetMode(path, (UnixFileMode)0b111_101_101);
        return folder;
    }

    /// <summary>Gives up when the supervisor looks at the clock for the so-and-so-many-eth time.</summary>
    private sealed class GivesUpAtLook(int look, CancellationTokenSource start) : TimeProvider
    {
        private int _looks;

        public override long GetTimestamp()
        {
            if (Interlocked.Increment(ref _looks) == look) start.Cancel();
            return base.GetTimestamp();
        }
    }

    private static bool Answers(NpgsqlDataSource source)
    {
        try
        {
            using var command = source.CreateCommand("SELECT 1");
            return command.ExecuteScalar() is 1;
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }
}
