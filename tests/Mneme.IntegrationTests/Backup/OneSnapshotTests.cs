using Mneme.IntegrationTests.Cluster;
using Mneme.Platform.Persistence.Backup;
using Mneme.Platform.Persistence.Cluster;
using Npgsql;
using static Mneme.IntegrationTests.Cluster.ClusterWorkshop;

namespace Mneme.IntegrationTests.Backup;

public sealed class OneSnapshotTests
{
    private const int Writers = 4;

    [Fact]
    public async Task One_moment_of_many_databases_is_found_while_all_of_them_change()
    {
        await using var workshop = new ClusterWorkshop();
        await using var cluster = await workshop.StartAsync();
        var names = Enumerable.Range(0, 8).Select(n => $"service_{n}").ToList();
        foreach (var name in names)
        {
            await cluster.CreateDatabaseIfMissingAsync(name, Ct);
            await ExecuteAsync(cluster.ConnectionString(name), $"CREATE TABLE counters (writer int PRIMARY KEY, n bigint NOT NULL); INSERT INTO counters SELECT g, 0 FROM generate_series(1, {Writers}) g");
        }

        using var stop = new CancellationTokenSource();
        long commits = 0;
        var sources = names.Select(name => NpgsqlDataSource.Create(cluster.ConnectionString(name))).ToList();
        // Each round writes its number into every database, one after the other: at one moment no database is ahead of the one before it.
        var load = Enumerable.Range(1, Writers).Select(writer => Task.Run(async () =>
        {
            for (long round = 1; !stop.IsCancellationRequested; round++)
            {
                foreach (var source in sources)
                {
                    await using var command = source.CreateCommand($"UPDATE counters SET n = {round} WHERE writer = {writer}");
                    await command.ExecuteNonQueryAsync();
                    Interlocked.Increment(ref commits);
                }
            }
        })).ToList();
        await Eventually(() => Interlocked.Read(ref commits) > 100, "the load has begun");
        var server = new BackupServer(cluster.ConnectionString("postgres"), PostgresBinaries.FindClient("/usr/lib/postgresql"));

        var attempts = 0;
        var began = TimeProvider.System.GetTimestamp();
        for (var i = 0; i < 30; i++)
        {
            await using var snapshot = await OneSnapshot.TakeAsync(server, names, TimeProvider.System, Ct);
            attempts += snapshot.Attempts;
            var seen = new List<long[]>();
            foreach (var name in names)
            {
                await using var command = new NpgsqlCommand("SELECT array_agg(n ORDER BY writer) FROM counters", snapshot.Connection(name));
                seen.Add((long[])(await command.ExecuteScalarAsync(Ct))!);
            }

            for (var writer = 0; writer < Writers; writer++)
            {
                var rounds = seen.ConvertAll(counters => counters[writer]);
                rounds.ShouldBe([.. rounds.OrderDescending()], "no database is ahead of the one before it");
                (rounds[0] - rounds[^1]).ShouldBeLessThanOrEqualTo(1);
            }
        }

        TestContext.Current.SendDiagnosticMessage(
            $"{attempts / 30.0:0.0} attempts each, {Interlocked.Read(ref commits) / TimeProvider.System.GetElapsedTime(began).TotalSeconds:0} commits/s");
        await stop.CancelAsync();
        await Task.WhenAll(load);
        foreach (var source in sources) await source.DisposeAsync();
    }
}
