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
    public static async Task Run(ProgressDb db, ILogger<ProgressDb> logger, CancellationToken ct)
    {
        // Used and committed by the platform, together with the job's completion.
        await db.Database.BeginTransactionAsync(ct);
        await db.Database.ExecuteSqlRawAsync(ProgressSql.TakeTurn, ct);
        var most = await db.Scores.MaxAsync(s => (long?)s.Points, ct) ?? 0;
        var buckets = RankBucket.UpTo(most).ToList();
        await using var repair = new NpgsqlCommand(ProgressSql.RepairBuckets, (NpgsqlConnection)db.Database.GetDbConnection())
        {
            Parameters = { Longs(buckets.Select(b => b.Start)), Longs(buckets.Select(b => b.End)) },
        };
        var drifted = (long)(await repair.ExecuteScalarAsync(ct))!;
        await db.RankBuckets.Where(b => b.Profiles == 0).ExecuteDeleteAsync(ct);
        if (drifted > 0)
            LogRepaired(logger, drifted);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The counts of {Count} rank buckets had drifted and were repaired; please report this")]
    private static partial void LogRepaired(ILogger logger, long count);
}
