using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Mneme.Notify.Domain;
using Mneme.Notify.Features;
using Mneme.Notify.Mail;
using Mneme.Platform;
using Mneme.Platform.Security;

namespace Mneme.Notify.Infrastructure;

internal sealed class NotifyPersonalData(NotifyDb db, MailFolder folder) : IPersonalData
{
    public async Task<JsonNode?> ExportAsync(Guid userId, CancellationToken ct)
    {
        var recipient = await db.Recipients.AsNoTracking().SingleOrDefaultAsync(r => r.UserId == userId, ct);
        var preferences = await db.Preferences.AsNoTracking().SingleOrDefaultAsync(p => p.UserId == userId, ct);
        var history = await db.Notifications.AsNoTracking().Where(n => n.UserId == userId).OrderBy(n => n.Id).ToListAsync(ct);
        if (recipient is null && preferences is null && history.Count == 0)
            return null;
        return JsonSerializer.SerializeToNode(
            new
            {
                Recipient = recipient is { Version: > 0 } ? new { recipient.Email, recipient.Name, recipient.Locale, recipient.TimeZone } : null,
                TurnedOff = preferences?.Muted ?? [],
                Notifications = history.Select(n => new
                {
                    n.Kind,
                    n.Subject,
                    n.Status,
                    n.Reason,
                    n.LocalDate,
                    n.TimeZone,
                    n.Count,
                    n.CreatedAt,
                    n.FinishedAt,
                    Mail = n.MailFile is null ? null : folder.Read(n.MailFile),
                }),
            },
            Json.Options);
    }

    public async Task EraseAsync(Guid userId, CancellationToken ct)
    {
        // The recipient first: whoever is about to queue something waits for this row, and sees the tombstone then.
        await db.Recipients.Where(r => r.UserId == userId).ExecuteDeleteAsync(ct);
        var notifications = await db.Notifications.AsNoTracking().Where(n => n.UserId == userId).OrderBy(n => n.Id).Select(n => new { n.Id, n.CreatedAt }).ToListAsync(ct);
        await db.Notifications.Where(n => n.UserId == userId).ExecuteDeleteAsync(ct);
        var keys = notifications.Select(n => NotificationQueue.JobKey(n.Id)).ToArray();
        await db.Database.ExecuteSqlAsync($"delete from jobs where kind = {SendNotification.JobKind} and key = any({keys})", ct);
        await db.Database.ExecuteSqlAsync($"delete from job_keys where kind = {SendNotification.JobKind} and key = any({keys})", ct);
        await db.Preferences.Where(p => p.UserId == userId).ExecuteDeleteAsync(ct);
        foreach (var notification in notifications)
            folder.Delete(MailFolder.FileName(notification.Id, notification.CreatedAt));
    }
}
