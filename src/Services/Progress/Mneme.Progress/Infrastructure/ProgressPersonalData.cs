using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Mneme.Platform;
using Mneme.Platform.Security;
using Mneme.Progress.Domain;
using Npgsql;
using static Mneme.Progress.Infrastructure.SqlParameters;

namespace Mneme.Progress.Infrastructure;

internal sealed class ProgressPersonalData(ProgressDb db) : IPersonalData
{
    public async Task<JsonNode?> ExportAsync(Guid userId, CancellationToken ct)
    {
        var profile = await db.Profiles.AsNoTracking().FirstOrDefaultAsync(p => p.Id == userId, ct);
        if (profile is null)
            return null;
        var points = await db.Scores.Where(s => s.UserId == userId).Select(s => s.Points).FirstOrDefaultAsync(ct);
        var activity = await db.DailyActivity.Where(d => d.UserId == userId).OrderBy(d => d.LocalDate)
            .Select(d => new { Date = d.LocalDate, d.TimeZone, d.Actions, d.Points, d.FirstAt, d.LastAt }).ToListAsync(ct);
        var warnedOn = await db.StreakWarnings.Where(w => w.UserId == userId).Select(w => (DateOnly?)w.LocalDate).FirstOrDefaultAsync(ct);
        return JsonSerializer.SerializeToNode(
            new
            {
                Profile = new { profile.Name, profile.Locale, profile.TimeZone, PublicProfile = profile.IsPublic },
                Points = points,
                Level = Level.Of(points),
                Streak = new { Days = profile.Streak, Longest = profile.LongestStreak, profile.EarnedOn, profile.EarnedZone, profile.EarnedAt, WarnedOn = warnedOn },
                Activity = activity,
            },
            Json.Options);
    }

    public async Task EraseAsync(Guid userId, CancellationToken ct)
    {
        var connection = (NpgsqlConnection)db.Database.GetDbConnection();
        await db.Database.ExecuteSqlRawAsync(ProgressSql.TakeTurn, ct);
        if (await db.Scores.Where(s => s.UserId == userId).Select(s => (long?)s.Points).FirstOrDefaultAsync(ct) is { } points)
        {
            await using var leave = new NpgsqlBatch(connection)
            {
                BatchCommands = { Command(ProgressSql.MoveBuckets, Longs([RankBucket.Of(points).Start]), Longs([-1])) },
            };
            await leave.ExecuteNonQueryAsync(ct);
        }

        // Score, days and warning go with the profile.
        await db.Profiles.Where(p => p.Id == userId).ExecuteDeleteAsync(ct);
    }
}
