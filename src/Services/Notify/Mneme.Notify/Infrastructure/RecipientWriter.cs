using Microsoft.EntityFrameworkCore;
using Mneme.Notify.Domain;

namespace Mneme.Notify.Infrastructure;

/// <summary>What Identity says of a person, with the version that it is from.</summary>
internal sealed record UserDetails(Guid UserId, string Email, string Name, string Locale, string TimeZone, long Version);

internal static class RecipientWriter
{
    /// <summary>Makes or changes a recipient, unless what is known is newer, and sends what was waiting for them. Holds the row until the transaction ends.</summary>
    public static async Task ApplyAsync(NotifyDb db, UserDetails user, DateTimeOffset now, CancellationToken ct)
    {
        await db.Database.ExecuteSqlAsync($"""
            insert into recipients (user_id, email, name, locale, time_zone, version, unsubscribe_key)
            values ({user.UserId}, {user.Email}, {user.Name}, {user.Locale}, {user.TimeZone}, {user.Version}, {UnsubscribeToken.NewKey()})
            on conflict (user_id) do update
            set email = excluded.email, name = excluded.name, locale = excluded.locale, time_zone = excluded.time_zone, version = excluded.version
            where recipients.version < excluded.version
            """, ct);
        if (!await UndoIfErasedAsync(db, user.UserId, ct))
            await NotificationQueue.EnqueueWaitingAsync(db, user.UserId, now, ct);
    }

    /// <summary>
    /// Removes what was just written of somebody whose erasure this waited for at the recipient's row: the event had been claimed before the tombstone could be
    /// seen.
    /// </summary>
    /// <returns>Whether the person is erased.</returns>
    public static async Task<bool> UndoIfErasedAsync(NotifyDb db, Guid userId, CancellationToken ct) => await db.Database.ExecuteSqlAsync($"""
        with gone as (select id from erased where id = {userId}), history as (delete from notifications using gone where user_id = gone.id)
        delete from recipients using gone where user_id = gone.id
        """, ct) > 0;
}
