using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Mneme.Progress.Domain;
using Mneme.Progress.Infrastructure;
using Npgsql;
using static Mneme.Progress.Infrastructure.SqlParameters;

namespace Mneme.Progress.Features;

/// <summary>Counts the buckets of the ranks anew, and repairs and reports those that had drifted. They change with the points, so none should.</summary>
internal static partial class VerifyRanks
{
    private const long RoomToGrow = 1_000_000;

    public static async Task Run(ProgressDb db, ILogger<ProgressDb> logger, CancellationToken ct)
    {
        // Read before the turn is taken, hence room for what is earned until then.
        var most = await db.Scores.MaxAsync(s => (long?)s.Points, ct) ?? 0;
        var buckets = RankBucket.UpTo(2 * most + RoomToGrow).ToList();
        await db.Database.OpenConnectionAsync(ct);
        // One round trip, which is a transaction of its own: everybody's points wait for its end, and never for this process, which gets what time others leave.
        await using var repair = new NpgsqlBatch((NpgsqlConnection)db.Database.GetDbConnection())
        {
            BatchCommands =
            {
                Command(ProgressSql.TakeTurn),
                Command(ProgressSql.RepairBuckets, Longs(buckets.Select(b => b.Start)), Longs(buckets.Select(b => b.End))),
                Command(ProgressSql.RemoveEmptyBuckets),
            },
        };
        if (await DriftAsync(repair, ct) is > 0 and var drifted)
            LogRepaired(logger, drifted);
    }

    private static async Task<long> DriftAsync(NpgsqlBatch repair, CancellationToken ct)
    {
        await using var reader = await repair.ExecuteReaderAsync(ct);
        // The lock's result set comes first.
        await reader.NextResultAsync(ct);
        await reader.ReadAsync(ct);
        return reader.GetInt64(0);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The counts of {Count} rank buckets had drifted and were repaired; please report this")]
    private static partial void LogRepaired(ILogger logger, long count);
}
