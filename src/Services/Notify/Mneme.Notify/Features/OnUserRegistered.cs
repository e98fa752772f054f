using Mneme.Contracts.Identity;
using Mneme.Notify.Domain;
using Mneme.Notify.Infrastructure;
using Mneme.Platform.Messaging;

namespace Mneme.Notify.Features;

/// <summary>Remembers whom to write to, and welcomes them.</summary>
internal static class OnUserRegistered
{
    public static async Task Handle(EventBatch<UserRegistered> batch, NotifyDb db, TimeProvider time, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        foreach (var user in batch.Select(e => e.Data).OrderBy(e => e.UserId))
        {
            await RecipientWriter.ApplyAsync(db, new UserDetails(user.UserId, user.Email, user.Name, user.Locale, user.TimeZone, user.Version), now, ct);
            await NotificationQueue.AddAsync(db, user.UserId, NotificationKind.Welcome, count: 0, localDate: null, timeZone: null, now, ct);
        }
    }
}
