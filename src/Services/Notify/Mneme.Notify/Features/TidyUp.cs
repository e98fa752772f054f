using Microsoft.EntityFrameworkCore;
using Mneme.Notify.Domain;
using Mneme.Notify.Infrastructure;
using Mneme.Notify.Mail;

namespace Mneme.Notify.Features;

/// <summary>
/// Removes old notifications and their mail files, and those that waited all the time for a registration. A welcome stays: its row is what keeps a second one
/// from being sent.
/// </summary>
internal static class TidyUp
{
    public static readonly TimeSpan Interval = TimeSpan.FromHours(6);

    private const int Step = 1_000;

    public static async Task Run(NotifyDb db, MailFolder folder, NotifyOptions options, TimeProvider time, CancellationToken ct)
    {
        var before = time.GetUtcNow() - options.Retention;
        while (true)
        {
            var old = await db.Notifications.AsNoTracking()
                .Where(n => (n.FinishedAt ?? n.CreatedAt) < before && (n.Kind != NotificationKind.Welcome || n.MailFile != null))
                .OrderBy(n => n.Id).Take(Step).Select(n => new { n.Id, n.MailFile }).ToListAsync(ct);
            if (old.Count == 0)
                return;
            foreach (var file in old.Select(n => n.MailFile).OfType<string>())
                folder.Delete(file);
            var ids = old.Select(n => n.Id).ToList();
            await db.Notifications.Where(n => ids.Contains(n.Id) && n.Kind != NotificationKind.Welcome).ExecuteDeleteAsync(ct);
            await db.Notifications.Where(n => ids.Contains(n.Id)).ExecuteUpdateAsync(set => set.SetProperty(n => n.MailFile, (string?)null), ct);
        }
    }
}
