using Mneme.JourneyTests.Support;
using Mneme.Platform.Persistence.Cluster;
using Npgsql;

namespace Mneme.JourneyTests;

/// <summary>
/// kill -9 at each point between a review's commit and the end of its event. A test holds the program there with a lock in its database, so that every
/// run kills it at the same place; PostgreSQL goes down with it and forgets the lock.
/// </summary>
public sealed class CrashTests
{
    public enum Point
    {
        BetweenCommitAndRelay,
        BetweenRelayAndHandler,
        InTheHandler,
        BetweenHandlerAndConfirmation,
    }

    [Theory]
    [InlineData(Point.BetweenCommitAndRelay)]
    [InlineData(Point.BetweenRelayAndHandler)]
    [InlineData(Point.InTheHandler)]
    [InlineData(Point.BetweenHandlerAndConfirmation)]
    public async Task Killed_at_any_point_no_event_is_lost_and_none_counts_twice(Point point)
    {
        using var data = new DataFolder();
        Learner learner;
        List<Guid> cards;
        await using (var mneme = await MnemeProcess.StartAsync(data.Path))
        {
            learner = await Learner.RegisterAsync(mneme, "Ada");
            cards = await learner.MakeCardsAsync(2);
            await Eventually.TrueAsync(async () => await PointsStoredAsync(data, learner.Id) == 0, "the profile is there");
            await HoldAsync(point, data, () => learner.ReviewAsync(cards[0]), () => learner.ReviewAsync(cards[1]));
            await mneme.KillAsync();
        }

        await using var again = await MnemeProcess.StartAsync(data.Path);
        learner.MoveTo(again);
        using (learner)
        {
            await Eventually.TrueAsync(async () => await learner.PointsAsync() == 20, "both reviews count");
            await Eventually.TrueAsync(async () => await CountAsync(data, "study", "outbox") == 0, "the outbox drains");
            (await learner.PointsAsync()).ShouldBe(20);
            (await CountAsync(data, "study", "review_log")).ShouldBe(2);
            (await CountAsync(data, "progress", "failed_deliveries")).ShouldBe(0);
        }
    }

    /// <summary>Brings the program to the point with two acknowledged reviews, and returns while it is held there.</summary>
    private static async Task HoldAsync(Point point, DataFolder data, Func<Task> firstReview, Func<Task> secondReview)
    {
        var progress = await ConnectAsync(data, "progress");
        var held = await progress.BeginTransactionAsync();
        // The points' handler takes turns under this lock; the inbox is written before it.
        await ExecuteAsync(progress, point == Point.BetweenRelayAndHandler
            ? "lock table inbox in share mode"
            : "select pg_advisory_xact_lock(8102661169684509555)");
        await firstReview();
        await Eventually.TrueAsync(() => IsWaitingAsync(data, "progress"), "the handler of the first review waits for the lock");
        // The relay is busy with the first batch, so the second review is committed and not relayed.
        await secondReview();
        (await CountAsync(data, "study", "outbox")).ShouldBe(2);
        if (point == Point.BetweenHandlerAndConfirmation)
        {
            var study = await ConnectAsync(data, "study");
            await study.BeginTransactionAsync();
            await ExecuteAsync(study, "lock table outbox in share mode");
            await held.CommitAsync();
            await Eventually.TrueAsync(async () => await PointsStoredAsync(data) >= 10, "the handler has committed");
            await Eventually.TrueAsync(() => IsWaitingAsync(data, "study"), "the relay waits to remove what was handled");
        }
    }

    private static async Task<bool> IsWaitingAsync(DataFolder data, string service) => await QueryAsync<long>(
        data, service, $"select count(*) from pg_stat_activity where datname = 'mneme_{service}' and application_name = 'mneme-{service}' and wait_event_type = 'Lock'") > 0;

    private static Task<long> PointsStoredAsync(DataFolder data) => QueryAsync<long>(data, "progress", "select coalesce(sum(points), 0)::bigint from scores");

    private static async Task<long?> PointsStoredAsync(DataFolder data, Guid user) =>
        await QueryAsync<long>(data, "progress", $"select count(*) from scores where user_id = '{user}'") == 0 ? null : await PointsStoredAsync(data);

    private static Task<long> CountAsync(DataFolder data, string service, string table) => QueryAsync<long>(data, service, $"select count(*) from {table}");

    private static async Task<T> QueryAsync<T>(DataFolder data, string service, string sql)
    {
        await using var connection = await ConnectAsync(data, service);
        await using var command = new NpgsqlCommand(sql, connection);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<NpgsqlConnection> ConnectAsync(DataFolder data, string service)
    {
        var connection = new NpgsqlConnection(PrivateCluster.FindRunning(data.Path)!.ConnectionString("mneme_" + service) + ";Pooling=false");
        await connection.OpenAsync();
        return connection;
    }
}
