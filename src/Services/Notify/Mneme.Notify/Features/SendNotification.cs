using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Mneme.Notify.Domain;
using Mneme.Notify.Infrastructure;
using Mneme.Notify.Mail;
using Mneme.Notify.Templates;
using Mneme.Platform;
using Mneme.Platform.Jobs;

namespace Mneme.Notify.Features;

/// <summary>The payload of the job that sends one notification.</summary>
internal sealed record QueuedNotification(Guid NotificationId);

/// <summary>
/// Sends one notification. That it was sent is committed at once; a crash after the mail server's 250 and before that commit sends the mail again, with the
/// same Message-ID. A mail in a file has the same name again and replaces itself.
/// </summary>
internal static partial class SendNotification
{
    public const string JobKind = "notify.send";

    private const int MaxReason = 500;

    /// <summary>With backoff up to ten minutes, these are the attempts of about a day.</summary>
    public static JobPolicy Policy { get; } = new() { MaxAttempts = 150, RetryDelay = TimeSpan.FromSeconds(20) };

    public static async Task Run(
        QueuedNotification payload, JobContext job, NotifyDb db, MailComposer composer, IMailTransport transport, MailFolder folder, TimeProvider time,
        ILogger<NotifyDb> logger, CancellationToken ct)
    {
        var notification = await db.Notifications.AsNoTracking().SingleOrDefaultAsync(n => n.Id == payload.NotificationId, ct);
        if (notification is not { Status: NotificationStatus.Queued })
            return;
        var recipient = await db.Recipients.AsNoTracking().SingleOrDefaultAsync(r => r.UserId == notification.UserId && r.Version > 0, ct);
        if (recipient is null)
            return;
        var preferences = await db.Preferences.AsNoTracking().SingleOrDefaultAsync(p => p.UserId == notification.UserId, ct);
        if (preferences?.Wants(notification.Kind) == false)
        {
            await FinishAsync(db, notification.Id, NotificationStatus.Suppressed, time.GetUtcNow(), reason: "Turned off by the person.", ct: ct);
            return;
        }

        if (notification.IsOutdated(time.GetUtcNow()))
        {
            await FinishAsync(db, notification.Id, NotificationStatus.Suppressed, time.GetUtcNow(), reason: "The day was over before it could be sent.", ct: ct);
            return;
        }

        string? subject = null;
        try
        {
            var message = await composer.ComposeAsync(notification, recipient, time.GetUtcNow());
            subject = message.Subject;
            var file = await transport.SendAsync(message, ct);
            // Neither left to the job's completion nor given up when the program stops or the lease is lost: whoever tries again sends a second mail.
            if (!await FinishAsync(db, notification.Id, NotificationStatus.Sent, time.GetUtcNow(), subject, file: file, ct: CancellationToken.None)
                && !await db.Notifications.AnyAsync(n => n.Id == notification.Id, CancellationToken.None))
            {
                // The person was erased meanwhile.
                folder.Delete(MailFolder.FileName(notification.Id, notification.CreatedAt));
            }
        }
        catch (MailRefusedException refusal)
        {
            LogRefused(logger, notification.Id, refusal.Message);
            await FinishAsync(db, notification.Id, NotificationStatus.Failed, time.GetUtcNow(), subject, refusal.Message, ct: ct);
        }
        catch (Exception failure) when (failure is not OperationCanceledException && job.IsLastAttempt)
        {
            // Committed by itself: the job keeps its failure, and the history says it too.
            await FinishAsync(db, notification.Id, NotificationStatus.Failed, time.GetUtcNow(), subject, failure.Message, ct: CancellationToken.None);
            throw;
        }
    }

    private static async Task<bool> FinishAsync(
        NotifyDb db, Guid id, NotificationStatus status, DateTimeOffset now, string? subject = null, string? reason = null, string? file = null, CancellationToken ct = default)
    {
        reason = reason?.Cut(MaxReason);
        return await db.Notifications.Where(n => n.Id == id && n.Status == NotificationStatus.Queued).ExecuteUpdateAsync(
            set => set.SetProperty(n => n.Status, status).SetProperty(n => n.FinishedAt, now).SetProperty(n => n.Subject, subject)
                .SetProperty(n => n.Reason, reason).SetProperty(n => n.MailFile, file), ct) > 0;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The mail of notification {NotificationId} was refused for good: {Reason}")]
    private static partial void LogRefused(ILogger logger, Guid notificationId, string reason);
}
