using Mneme.IntegrationTests.Cluster;
using Mneme.Platform.Persistence.Backup;
using Mneme.Platform.Persistence.Cluster;
using Npgsql;
using static Mneme.IntegrationTests.Cluster.ClusterWorkshop;

namespace Mneme.IntegrationTests.Backup;

public sealed class BackupRoundTripTests
{
    [Fact]
    public async Task Rows_and_files_come_back_as_they_were()
    {
        await using var workshop = new BackupWorkshop();
        string rows;
        await using (var cluster = await workshop.Clusters.StartAsync())
        {
            await workshop.FillAsync(cluster);
            rows = await BackupWorkshop.DigestAsync(database => cluster.ConnectionString(database));
        }

        var manifest = await workshop.SaveAsync(); // nothing runs: the cluster is started for it
        Posix.Owner(workshop.Archive)!.Value.Mode.ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite, "an archive holds keys and people's data");
        manifest.Databases.Select(d => d.Name).ShouldBe(["progress", "study"]);
        manifest.Databases[1].Rows["inner_part.log"].ShouldBe(2000);
        await workshop.RestoreAsync();

        var target = workshop.Target.Cluster;
        BackupWorkshop.FilesOf(target.DataFolder).ShouldBe(BackupWorkshop.FilesOf(workshop.Clusters.DataFolder));
        BackupWorkshop.FilesOf(target.DataFolder).Count.ShouldBe(6);
        Directory.Exists(Path.Combine(target.DataFolder, "run")).ShouldBeFalse();
        Directory.GetFiles(target.DataFolder, "restore.*").ShouldBeEmpty();
        await using var restored = await StartAsync(target);
        (await BackupWorkshop.DigestAsync(database => restored.ConnectionString(database))).ShouldBe(rows);
        await ExecuteAsync(restored.ConnectionString("study"), "INSERT INTO inner_part.log (quality) VALUES (5)"); // the sequence goes on
    }

    [Fact]
    public async Task A_backup_under_load_is_one_point_across_databases_and_its_files()
    {
        await using var workshop = new BackupWorkshop();
        var cluster = await workshop.Clusters.StartAsync();
        await using var owned = cluster;
        foreach (var name in new[] { "producer", "consumer" }) await cluster.CreateDatabaseIfMissingAsync(name, Ct);
        await ExecuteAsync(cluster.ConnectionString("producer"), "CREATE TABLE outbox (id uuid PRIMARY KEY, delivered bool NOT NULL DEFAULT false)");
        await ExecuteAsync(cluster.ConnectionString("consumer"), "CREATE TABLE effects (id uuid PRIMARY KEY)");
        Directory.CreateDirectory(Path.Combine(workshop.Clusters.DataFolder, "files"));
        using var stop = new CancellationTokenSource();
        await using var producer = NpgsqlDataSource.Create(cluster.ConnectionString("producer"));
        await using var consumer = NpgsqlDataSource.Create(cluster.ConnectionString("consumer"));
        var handled = 0;
        var load = Enumerable.Range(0, 6).Select(_ => Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                var id = Guid.CreateVersion7();
                await File.WriteAllTextAsync(Path.Combine(workshop.Clusters.DataFolder, "files", id.ToString()), id.ToString(), CancellationToken.None);
                await RunAsync(producer, "INSERT INTO outbox VALUES ($1)", id);
                await RunAsync(consumer, "INSERT INTO effects VALUES ($1)", id);
                await RunAsync(producer, "UPDATE outbox SET delivered = true WHERE id = $1", id);
                Interlocked.Increment(ref handled);
            }
        })).ToList();
        await Eventually(() => handled > 300, "the load has begun");

        await workshop.SaveAsync(); // joins the cluster that this program runs
        var during = handled;
        await Eventually(() => handled > during, "the load went on all the time");
        await stop.CancelAsync();
        await Task.WhenAll(load);
        await workshop.RestoreAsync();

        await using var restored = await StartAsync(workshop.Target.Cluster);
        var events = await IdsAsync(restored.ConnectionString("producer"), "SELECT id FROM outbox");
        var delivered = await IdsAsync(restored.ConnectionString("producer"), "SELECT id FROM outbox WHERE delivered");
        var effects = await IdsAsync(restored.ConnectionString("consumer"), "SELECT id FROM effects");
        events.Count.ShouldBeGreaterThan(300);
        effects.Except(events).ShouldBeEmpty("no effect without its cause");
        delivered.Except(effects).ShouldBeEmpty("nothing called delivered has lost its effect");
        events.Where(id => !File.Exists(Path.Combine(workshop.Target.Cluster.DataFolder, "files", id.ToString()))).ShouldBeEmpty("no row without its file");
    }

    [Fact]
    public async Task A_backup_joins_the_server_of_another_program_and_leaves_it_running()
    {
        await using var workshop = new BackupWorkshop();
        using var host = ClusterHost.Launch(workshop.Clusters);
        await host.ReadyAsync();
        var running = PrivateCluster.FindRunning(workshop.Clusters.DataFolder).ShouldNotBeNull();
        await ClusterDatabases.CreateIfMissingAsync(running.ConnectionString("postgres"), "study", Ct);
        await ExecuteAsync(running.ConnectionString("study"), "CREATE TABLE kept AS SELECT 42 AS answer");

        await workshop.SaveAsync();

        (await QueryAsync<int>(running.ConnectionString("study"), "SELECT answer FROM kept")).ShouldBe(42);
        PrivateCluster.FindRunning(workshop.Clusters.DataFolder)!.ProcessId.ShouldBe(running.ProcessId);
    }

    [Fact]
    public async Task A_server_of_ones_own_is_saved_and_restored_like_the_private_cluster()
    {
        await using var workshop = new BackupWorkshop();
        await using var elsewhere = new ClusterWorkshop();
        await using var cluster = await workshop.Clusters.StartAsync();
        await using var server = await elsewhere.StartAsync();
        await workshop.FillAsync(cluster);
        await cluster.CreateDatabaseIfMissingAsync("another_programs", Ct);
        var rows = await BackupWorkshop.DigestAsync(database => cluster.ConnectionString(database));

        var manifest = await workshop.SaveAsync(workshop.Options with { ServerConnectionString = cluster.ConnectionString("postgres"), Databases = ["study", "progress"] });
        manifest.Databases.Select(d => d.Name).ShouldBe(["study", "progress"]);
        var target = workshop.Target with { ServerConnectionString = server.ConnectionString("postgres") };
        await workshop.RestoreAsync(target);

        (await BackupWorkshop.DigestAsync(database => server.ConnectionString(database))).ShouldBe(rows);
        Directory.Exists(Path.Combine(target.Cluster.DataFolder, "postgres")).ShouldBeFalse();
        var again = target with { Cluster = target.Cluster with { DataFolder = Path.Combine(workshop.Clusters.Root, "third") } };
        (await Should.ThrowAsync<BackupException>(() => workshop.RestoreAsync(again))).Message.ShouldContain("never overwrites");
        (await BackupWorkshop.DigestAsync(database => server.ConnectionString(database))).ShouldBe(rows);
    }

    private static async Task RunAsync(NpgsqlDataSource source, string sql, Guid id)
    {
        await using var command = source.CreateCommand(sql);
        command.Parameters.Add(new() { Value = id });
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<HashSet<Guid>> IdsAsync(string connectionString, string sql)
    {
        await using var source = NpgsqlDataSource.Create(connectionString);
        await using var command = source.CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync(Ct);
        var ids = new HashSet<Guid>();
        while (await reader.ReadAsync(Ct)) ids.Add(reader.GetGuid(0));
        return ids;
    }
}
