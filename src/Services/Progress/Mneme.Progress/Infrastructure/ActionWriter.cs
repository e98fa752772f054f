using Microsoft.EntityFrameworkCore;
using Mneme.Progress.Domain;
using Npgsql;
using static Mneme.Progress.Infrastructure.SqlParameters;

namespace Mneme.Progress.Infrastructure;

/// <summary>
/// Gives people their points, active days, streaks and ranks for a batch of actions, in the caller's transaction. One round trip adds points and days, summed
/// up by person and date first, and answers what the streaks depend on; a second one follows only if a streak or a bucket changed, which for an active person
/// is once a day and once in some hundred reviews. That each event counts once is the inbox's business, so no row is written for a single event.
/// </summary>
internal static class ActionWriter
{
    public static Task ApplyAsync(ProgressDb db, IReadOnlyCollection<LearningAction> actions, CancellationToken ct) =>
        ApplyAsync((NpgsqlConnection)db.Database.GetDbConnection(), actions, ct);

    /// <summary>The same on a bare connection within a transaction, for the benchmark's baseline.</summary>
    public static async Task ApplyAsync(NpgsqlConnection connection, IReadOnlyCollection<LearningAction> actions, CancellationToken ct)
    {
        var people = actions.GroupBy(a => a.UserId)
            .Select(a => new Gain(a.Key, a.Sum(x => (long)x.Points), a.First().TimeZone)).ToList();
        var changes = await AddAsync(connection, people, actions, ct);
        var late = changes.Where(c => c.Days.Exists(c.Streak.IsLate)).ToDictionary(c => c.UserId);
        if (late.Count > 0)
        {
            foreach (var history in (await HistoryAsync(connection, late.Keys, ct)).GroupBy(d => d.UserId, d => d.Day))
                late[history.Key].NewStreak = Streak.Of(history.OrderBy(d => d.FirstAt).ThenBy(d => d.Date));
        }

        foreach (var change in changes.Where(c => !late.ContainsKey(c.UserId)))
            change.NewStreak = change.Days.OrderBy(d => d.FirstAt).ThenBy(d => d.Date).Aggregate(change.Streak, (streak, day) => streak.With(day));
        await WriteBackAsync(connection, changes, ct);
    }

    private static async Task<List<Change>> AddAsync(
        NpgsqlConnection connection, List<Gain> people, IReadOnlyCollection<LearningAction> actions, CancellationToken ct)
    {
        var days = actions.GroupBy(a => (a.UserId, a.LocalDate)).Select(group => new
        {
            group.Key.UserId,
            group.Key.LocalDate,
            First = group.MinBy(a => a.At),
            LastAt = group.Max(a => a.At),
            Actions = group.Count(),
            Points = group.Sum(a => a.Points),
        }).ToList();
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                Command(ProgressSql.TakeTurn),
                Command(ProgressSql.CreateMissingProfiles, Ids(people.Select(p => p.UserId)), Texts(people.Select(p => p.TimeZone))),
                Command(ProgressSql.AddPoints, Ids(people.Select(p => p.UserId)), Longs(people.Select(p => p.Points))),
                Command(
                    ProgressSql.AddActivity, Ids(days.Select(d => d.UserId)), Dates(days.Select(d => (DateOnly?)d.LocalDate)), Texts(days.Select(d => d.First.TimeZone)),
                    Integers(days.Select(d => d.Actions)), Integers(days.Select(d => d.Points)),
                    Instants(days.Select(d => (DateTimeOffset?)d.First.At)), Instants(days.Select(d => (DateTimeOffset?)d.LastAt))),
            },
        };
        await using var reader = await batch.ExecuteReaderAsync(ct);
        // The lock's result set comes first; the statement that makes profiles has none.
        await reader.NextResultAsync(ct);
        var gained = people.ToDictionary(p => p.UserId, p => p.Points);
        var changes = new Dictionary<Guid, Change>(people.Count);
        while (await reader.ReadAsync(ct))
        {
            var (userId, points) = (reader.GetGuid(0), reader.GetInt64(1));
            var streak = StreakColumns.ToStreak(
                reader.GetInt32(2), reader.GetInt32(3), reader.IsDBNull(4) ? null : reader.GetFieldValue<DateOnly>(4),
                reader.IsDBNull(5) ? null : reader.GetString(5), reader.IsDBNull(6) ? null : reader.GetFieldValue<DateTimeOffset>(6));
            changes.Add(userId, new Change(userId, RankBucket.Of(points - gained[userId]).Start, RankBucket.Of(points).Start, streak));
        }

        await reader.NextResultAsync(ct);
        while (await reader.ReadAsync(ct))
            changes[reader.GetGuid(0)].Days.Add(ReadDay(reader));
        return [.. changes.Values];
    }

    private static async Task<List<(Guid UserId, ActiveDay Day)>> HistoryAsync(NpgsqlConnection connection, IEnumerable<Guid> users, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(ProgressSql.ListActivity, connection) { Parameters = { Ids(users) } };
        await using var reader = await command.ExecuteReaderAsync(ct);
        var history = new List<(Guid, ActiveDay)>();
        while (await reader.ReadAsync(ct))
            history.Add((reader.GetGuid(0), ReadDay(reader)));
        return history;
    }

    private static async Task WriteBackAsync(NpgsqlConnection connection, List<Change> changes, CancellationToken ct)
    {
        await using var batch = new NpgsqlBatch(connection);
        var streaks = changes.Where(c => c.NewStreak != c.Streak).ToList();
        if (streaks.Count > 0)
        {
            batch.BatchCommands.Add(Command(
                ProgressSql.SetStreaks, Ids(streaks.Select(c => c.UserId)), Integers(streaks.Select(c => c.NewStreak.Days)), Integers(streaks.Select(c => c.NewStreak.Longest)),
                Dates(streaks.Select(c => c.NewStreak.Last?.Date)), Texts(streaks.Select(c => c.NewStreak.Last?.TimeZone)), Instants(streaks.Select(c => c.NewStreak.Last?.At))));
        }

        var buckets = changes.Where(c => c.OldBucket != c.NewBucket)
            .SelectMany(c => new[] { (Bucket: c.OldBucket, By: -1L), (Bucket: c.NewBucket, By: 1L) })
            .GroupBy(m => m.Bucket, (bucket, moves) => (Bucket: bucket, By: moves.Sum(m => m.By)))
            .Where(m => m.By != 0).ToList();
        if (buckets.Count > 0)
            batch.BatchCommands.Add(Command(ProgressSql.MoveBuckets, Longs(buckets.Select(b => b.Bucket)), Longs(buckets.Select(b => b.By))));
        if (batch.BatchCommands.Count > 0)
            await batch.ExecuteNonQueryAsync(ct);
    }

    private static ActiveDay ReadDay(NpgsqlDataReader reader) =>
        new(reader.GetFieldValue<DateOnly>(1), reader.GetString(2), reader.GetFieldValue<DateTimeOffset>(3), reader.GetFieldValue<DateTimeOffset>(4));

    private readonly record struct Gain(Guid UserId, long Points, string TimeZone);

    private sealed class Change(Guid userId, long oldBucket, long newBucket, Streak streak)
    {
        public Guid UserId { get; } = userId;

        public long OldBucket { get; } = oldBucket;

        public long NewBucket { get; } = newBucket;

        public Streak Streak { get; } = streak;

        public List<ActiveDay> Days { get; } = [];

        public Streak NewStreak { get; set; } = streak;
    }
}
