using Mneme.JourneyTests.Support;
using Mneme.Platform.Persistence.Cluster;
using Npgsql;

namespace Mneme.JourneyTests;

/// <summary>Not beside other tests: a child of the lowest priority gets what they leave of the processor, which may be nothing.</summary>
[Collection(nameof(HeavyJobTests))]
[CollectionDefinition(nameof(HeavyJobTests), DisableParallelization = true)]
public sealed class HeavyJobTests
{
    [Fact]
    public async Task Heavy_jobs_run_in_a_child_process_that_has_the_settings_of_the_program()
    {
        using var data = new DataFolder();
        await using var mneme = await MnemeProcess.StartAsync(data.Path, ["--set", "Database__Prefix=own"], []);

        await Eventually.TrueAsync(() => Task.FromResult(mneme.Output.Contains("Heavy jobs of progress run in process", StringComparison.Ordinal)), "the ranks' verification is due at the first start");
        await Eventually.TrueAsync(async () => await IsDoneAsync(data), "the child has run the job, which waits for tomorrow");
    }

    private static async Task<bool> IsDoneAsync(DataFolder data)
    {
        await using var connection = new NpgsqlConnection(PrivateCluster.FindRunning(data.Path)!.ConnectionString("own_progress") + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("select count(*) from jobs where kind = 'progress.verify-ranks' and attempts = 0 and due_at > now() + interval '20 hours'", connection);
        return await command.ExecuteScalarAsync() is 1L;
    }
}
