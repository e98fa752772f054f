using Microsoft.EntityFrameworkCore;
using Mneme.Notify.Domain;
using Mneme.Notify.Features;
using Mneme.Platform.Jobs;
using Npgsql;
using NpgsqlTypes;

namespace Mneme.Notify.Infrastructure;

/// <summary>
/// Puts notifications into the queue, in the transaction of the event. Whoever comes first, the notification or the registration, takes the recipient's row,
/// and the other waits for it: so one of the two always sees the other, and makes the job.
/// </summary>
internal static class NotificationQueue
{
    private const string Add = """
        with recipient as (
            insert into recipients (user_id, unsubscribe_key) values ($2, $8)
            on conflict (user_id) do update set user_id = excluded.user_id
            returning version),
        added as (
            insert into notifications (id, user_id, kind, local_date, time_zone, count, status, created_at)
            values ($1, $2, $3, $4, $5, $6, 'QUEUED', $7)
            on conflict (user_id, kind, local_date) do nothing
            returning id)
        select exists (select from recipient where version > 0) and exists (select from added)
        """;

    /// <summary>Adds a notification unless there is one for the occasion. It is sent as soon as the recipient is known.</summary>
    public static async Task AddAsync(
        NotifyDb db, Guid userId, NotificationKind kind, int count, DateOnly? localDate, string? timeZone, DateTimeOffset now, CancellationToken ct)
    {
        var id = Guid.CreateVersion7(now);
        await using var command = new NpgsqlCommand(Add, (NpgsqlConnection)db.Database.GetDbConnection())
        {
            Parameters =
            {
                new() { Value = id }, new() { Value = userId }, new() { Value = kind.ApiName() },
                new() { Value = (object?)localDate ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Date },
                new() { Value = (object?)timeZone ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text },
                new() { Value = count }, new() { Value = now }, new() { Value = UnsubscribeToken.NewKey() },
            },
        };
        var isReady = (bool)(await command.ExecuteScalarAsync(ct))!;
        if (!await RecipientWriter.UndoIfErasedAsync(db, userId, ct) && isReady)
            await EnqueueAsync(db, id, now, ct);
    }

    /// <summary>Makes jobs of what was told before the person was known.</summary>
    public static async Task EnqueueWaitingAsync(NotifyDb db, Guid userId, DateTimeOffset now, CancellationToken ct)
    {
        var waiting = await db.Notifications.Where(n => n.UserId == userId && n.Status == NotificationStatus.Queued).OrderBy(n => n.Id).Select(n => n.Id).ToListAsync(ct);
        foreach (var id in waiting)
            await EnqueueAsync(db, id, now, ct);
    }

    /// <summary>Key of the notification's job.</summary>
    public static string JobKey(Guid notificationId) => notificationId.ToString("n");

    private static Task EnqueueAsync(NotifyDb db, Guid id, DateTimeOffset now, CancellationToken ct) =>
        db.EnqueueAsync(SendNotification.JobKind, JobKey(id), new QueuedNotification(id), now, ct: ct);
}
