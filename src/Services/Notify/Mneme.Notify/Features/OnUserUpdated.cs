using Mneme.Contracts.Identity;
using Mneme.Notify.Infrastructure;
using Mneme.Platform.Messaging;

namespace Mneme.Notify.Features;

/// <summary>Follows address, name, language and time zone; an event older than what is known changes nothing.</summary>
internal static class OnUserUpdated
{
    public static async Task Handle(EventBatch<UserUpdated> batch, NotifyDb db, TimeProvider time, CancellationToken ct)
    {
        foreach (var user in batch.Select(e => e.Data).OrderBy(e => e.UserId))
            await RecipientWriter.ApplyAsync(db, new UserDetails(user.UserId, user.Email, user.Name, user.Locale, user.TimeZone, user.Version), time.GetUtcNow(), ct);
    }
}
