using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Mneme.Platform.Domain;
using Mneme.Platform.Http;
using Mneme.Platform.Persistence;
using Mneme.Platform.Security;
using Mneme.Progress.Domain;
using Mneme.Progress.Infrastructure;
using Npgsql;
using static Mneme.Progress.Infrastructure.SqlParameters;

namespace Mneme.Progress.Features;

/// <param name="Top">Up to ten, the most points first; of people with equal points the one who registered first.</param>
/// <param name="Me">The caller, wherever they stand.</param>
internal sealed record LeaderboardResponse(IReadOnlyList<LeaderResponse> Top, LeaderResponse Me);

/// <param name="Rank">1 + how many have more points; equal points share a rank.</param>
/// <param name="UserId">Null for others whose profile is not public.</param>
/// <param name="Name">Null for others whose profile is not public.</param>
/// <param name="Points">All points earned.</param>
/// <param name="Level">From 1.</param>
/// <param name="Streak">Days in a row as of now.</param>
internal sealed record LeaderResponse(long Rank, Guid? UserId, string? Name, long Points, int Level, int Streak);

/// <summary>
/// Everybody is ranked, and those who did not make their profile public appear without name and id: their points are part of the competition, their identity is not.
/// The caller sees themselves by name in any case.
/// </summary>
internal static class GetLeaderboard
{
    private const int TopCount = 10;

    private const string FindMe = """
        select s.user_id, s.points, p.name, p.is_public, p.time_zone, p.streak, p.longest_streak, p.earned_on, p.earned_zone, p.earned_at
        from scores s join profiles p on p.id = s.user_id
        where s.user_id = $1
        """;

    internal static void Map(IEndpointRouteBuilder api) => api.MapGet("/leaderboard", Handle).SignedIn()
        .WithName("GetLeaderboard").WithSummary("The ten with the most points, and the caller's own rank.").Produces<LeaderboardResponse>();

    private static async Task<Outcome<LeaderboardResponse>> Handle(Actor actor, Databases databases, TimeProvider time, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        await using var connection = await databases.DataSource(ProgressDb.Name).OpenConnectionAsync(ct);
        var (top, me) = await ReadAsync(connection, actor.UserId, ct);
        var rank = await RankAsync(connection, me?.Points ?? 0, ct);
        var leaders = new List<LeaderResponse>(top.Count);
        foreach (var row in top)
        {
            // Below the first, a rank follows from the list itself: it is complete down to every entry.
            var rankOfRow = leaders.Count > 0 && leaders[^1].Points == row.Points ? leaders[^1].Rank : leaders.Count + 1;
            leaders.Add(row.UserId == actor.UserId ? Show(row, rankOfRow, actor.TimeZone) : Show(row, rankOfRow, LocalTime.Zone(row.TimeZone)));
        }

        return new LeaderboardResponse(leaders, me is null ? new LeaderResponse(rank, actor.UserId, null, 0, Level.Of(0), 0) : Show(me, rank, actor.TimeZone));

        LeaderResponse Show(Row row, long rankOfRow, TimeZoneInfo zone)
        {
            var isNamed = row.IsPublic || row.UserId == actor.UserId;
            return new LeaderResponse(
                rankOfRow, isNamed ? row.UserId : null, isNamed ? row.Name : null, row.Points, Level.Of(row.Points), row.Streak.At(now, zone));
        }
    }

    private static async Task<(List<Row> Top, Row? Me)> ReadAsync(NpgsqlConnection connection, Guid userId, CancellationToken ct)
    {
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands = { Command(ProgressSql.Top, new NpgsqlParameter { Value = TopCount }), Command(FindMe, new NpgsqlParameter { Value = userId }) },
        };
        await using var reader = await batch.ExecuteReaderAsync(ct);
        var top = new List<Row>(TopCount);
        while (await reader.ReadAsync(ct))
            top.Add(Read(reader));
        await reader.NextResultAsync(ct);
        return (top, await reader.ReadAsync(ct) ? Read(reader) : null);
    }

    private static async Task<long> RankAsync(NpgsqlConnection connection, long points, CancellationToken ct)
    {
        var bucket = RankBucket.Of(points);
        await using var command = new NpgsqlCommand(ProgressSql.Rank, connection)
        {
            Parameters = { new() { Value = points }, new() { Value = bucket.Start }, new() { Value = bucket.End } },
        };
        return (long)(await command.ExecuteScalarAsync(ct))!;
    }

    private static Row Read(NpgsqlDataReader reader) => new(
        reader.GetGuid(0), reader.GetInt64(1), reader.IsDBNull(2) ? null : reader.GetString(2), reader.GetBoolean(3), reader.GetString(4),
        StreakColumns.ToStreak(
            reader.GetInt32(5), reader.GetInt32(6), reader.IsDBNull(7) ? null : reader.GetFieldValue<DateOnly>(7),
            reader.IsDBNull(8) ? null : reader.GetString(8), reader.IsDBNull(9) ? null : reader.GetFieldValue<DateTimeOffset>(9)));

    private sealed record Row(Guid UserId, long Points, string? Name, bool IsPublic, string TimeZone, Streak Streak);
}
