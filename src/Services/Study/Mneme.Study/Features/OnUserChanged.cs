using Microsoft.EntityFrameworkCore;
using Mneme.Contracts.Identity;
using Mneme.Platform.Messaging;
using Mneme.Study.Infrastructure;

namespace Mneme.Study.Features;

/// <summary>Keeps the time zone of everybody, for the reminders.</summary>
internal static class OnUserChanged
{
    public static Task HandleRegistered(EventBatch<UserRegistered> batch, StudyDb db, CancellationToken ct) =>
        KeepAsync(db, batch.Select(e => (e.Data.UserId, e.Data.TimeZone, e.Data.Version)), ct);

    public static Task HandleUpdated(EventBatch<UserUpdated> batch, StudyDb db, CancellationToken ct) =>
        KeepAsync(db, batch.Select(e => (e.Data.UserId, e.Data.TimeZone, e.Data.Version)), ct);

    private static Task KeepAsync(StudyDb db, IEnumerable<(Guid UserId, string TimeZone, long Version)> changes, CancellationToken ct)
    {
        // One row per person, the newest; in order, so that two instances do not deadlock.
        var people = changes.GroupBy(change => change.UserId).Select(group => group.MaxBy(change => change.Version)).OrderBy(change => change.UserId).ToList();
        var ids = people.Select(person => person.UserId).ToArray();
        var zones = people.Select(person => TimeZoneInfo.TryFindSystemTimeZoneById(person.TimeZone, out _) ? person.TimeZone : TimeZoneInfo.Utc.Id).ToArray();
        var versions = people.Select(person => person.Version).ToArray();
        return db.Database.ExecuteSqlAsync($"""
            insert into learners (user_id, time_zone, version) select * from unnest({ids}, {zones}, {versions})
            on conflict (user_id) do update set time_zone = excluded.time_zone, version = excluded.version where learners.version < excluded.version
            """, ct);
    }
}
