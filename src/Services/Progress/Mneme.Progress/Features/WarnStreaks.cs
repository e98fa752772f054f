using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Mneme.Contracts.Progress;
using Mneme.Platform.Messaging;
using Mneme.Progress.Domain;
using Mneme.Progress.Infrastructure;
using Npgsql;
using static Mneme.Progress.Infrastructure.SqlParameters;

namespace Mneme.Progress.Features;

/// <summary>
/// Warns, from 20:00 on in a person's zone, whose streak ends with the day. What is at stake is worked out for each pair of zones (where people are, where they
/// earned their last day), of which there are few; the people are found, remembered and written to the outbox in one statement, once for each local date.
/// </summary>
internal static partial class WarnStreaks
{
    private const int ChunkSize = 5000;

    private static readonly TimeOnly From = new(20, 0);

    public static async Task Run(ProgressDb db, TimeProvider time, ILogger<ProgressDb> logger, CancellationToken ct)
    {
        await db.Database.OpenConnectionAsync(ct);
        var connection = (NpgsqlConnection)db.Database.GetDbConnection();
        var now = time.GetUtcNow();
        var stakes = (await ListZonesAsync(connection, ct)).Select(zones => Find(zones.Zone, zones.EarnedZone, now)).OfType<Stake>().ToList();
        if (stakes.Count == 0)
            return;
        var type = EventType.Of<StreakWarning>();
        var total = 0;
        int count;
        do
        {
            // Each chunk commits by itself; a run that is broken off is continued by the next.
            await using var warn = new NpgsqlCommand(ProgressSql.Warn, connection)
            {
                Parameters =
                {
                    Texts(stakes.Select(s => s.Zone)), Texts(stakes.Select(s => s.EarnedZone)), Dates(stakes.Select(s => (DateOnly?)s.EarnedOn)),
                    Dates(stakes.Select(s => (DateOnly?)s.Today)), new() { Value = now }, new() { Value = type.Name }, new() { Value = type.Topic },
                    new() { Value = (object?)System.Diagnostics.Activity.Current?.Id ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text },
                    new() { Value = ChunkSize },
                },
            };
            count = await warn.ExecuteNonQueryAsync(ct);
            total += count;
        }
        while (count == ChunkSize);

        if (total > 0)
            LogWarned(logger, total);
    }

    private static Stake? Find(string zone, string earnedZone, DateTimeOffset now)
    {
        var here = LocalTime.Zone(zone);
        var local = now.In(here);
        return TimeOnly.FromDateTime(local) >= From && Streak.EarnedDateAtStake(now, here, LocalTime.Zone(earnedZone)) is { } earnedOn
            ? new Stake(zone, earnedZone, earnedOn, DateOnly.FromDateTime(local))
            : null;
    }

    private static async Task<List<(string Zone, string EarnedZone)>> ListZonesAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(ProgressSql.ListZones, connection);
        await using var reader = await command.ExecuteReaderAsync(ct);
        var zones = new List<(string, string)>();
        while (await reader.ReadAsync(ct))
            zones.Add((reader.GetString(0), reader.GetString(1)));
        return zones;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Warned {Count} people that their streak ends with the day")]
    private static partial void LogWarned(ILogger logger, int count);

    private sealed record Stake(string Zone, string EarnedZone, DateOnly EarnedOn, DateOnly Today);
}
