using Mneme.Contracts.Progress;
using Mneme.Notify.Domain;
using Mneme.Notify.Infrastructure;
using Mneme.Platform.Messaging;

namespace Mneme.Notify.Features;

/// <summary>Warns somebody whose streak ends with the day: once for each date on their calendar.</summary>
internal static class OnStreakWarning
{
    public static async Task Handle(EventBatch<StreakWarning> batch, NotifyDb db, TimeProvider time, CancellationToken ct)
    {
        foreach (var warning in batch.Select(e => e.Data).Where(e => e.Streak > 0).OrderBy(e => e.UserId))
            await NotificationQueue.AddAsync(db, warning.UserId, NotificationKind.StreakWarning, warning.Streak, warning.LocalDate, warning.TimeZone, time.GetUtcNow(), ct);
    }
}
