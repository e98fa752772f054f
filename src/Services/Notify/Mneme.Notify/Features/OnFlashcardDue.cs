using Mneme.Contracts.Study;
using Mneme.Notify.Domain;
using Mneme.Notify.Infrastructure;
using Mneme.Platform.Messaging;

namespace Mneme.Notify.Features;

/// <summary>Reminds somebody of due cards: once for each date on their calendar, whatever else arrives.</summary>
internal static class OnFlashcardDue
{
    public static async Task Handle(EventBatch<FlashcardDue> batch, NotifyDb db, TimeProvider time, CancellationToken ct)
    {
        foreach (var due in batch.Select(e => e.Data).Where(e => e.DueCount > 0).OrderBy(e => e.UserId))
            await NotificationQueue.AddAsync(db, due.UserId, NotificationKind.Reminder, due.DueCount, due.LocalDate, due.TimeZone, time.GetUtcNow(), ct);
    }
}
