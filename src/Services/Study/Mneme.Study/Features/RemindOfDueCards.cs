using Microsoft.EntityFrameworkCore;
using Mneme.Contracts.Study;
using Mneme.Study.Domain;
using Mneme.Study.Infrastructure;

namespace Mneme.Study.Features;

/// <summary>
/// Publishes <c>flashcard.due</c> for everybody who has due cards in the first run after the reminder's local time, once a local date. What is the date and time where
/// is computed for each time zone that occurs, of which there are some hundreds; the people are found by zone and date through an index, and each is looked at once a day.
/// </summary>
internal static class RemindOfDueCards
{
    public const string Kind = "remind-of-due-cards";

    public static readonly TimeSpan Interval = TimeSpan.FromMinutes(5);

    private const int BatchSize = 1_000;

    public static async Task Run(StudyDb db, StudyOptions options, TimeProvider time, CancellationToken ct)
    {
        var now = time.Now();
        var (zones, dates) = await ZonesAfterReminderTimeAsync(db, now, options.ReminderTime, ct);
        if (zones.Length == 0)
            return;
        while (await RemindBatchAsync(db, zones, dates, now, ct) == BatchSize)
            ct.ThrowIfCancellationRequested();
    }

    private static async Task<(string[] Zones, DateOnly[] Dates)> ZonesAfterReminderTimeAsync(StudyDb db, DateTimeOffset now, TimeSpan reminderTime, CancellationToken ct)
    {
        // Skips from one zone to the next in the index instead of reading everybody.
        var zones = await db.Database.SqlQuery<string>($"""
            with recursive zones as (
                (select time_zone from learners order by time_zone limit 1)
                union all
                select (select l.time_zone from learners l where l.time_zone > z.time_zone order by l.time_zone limit 1) from zones z where z.time_zone is not null)
            select time_zone as "Value" from zones where time_zone is not null
            """).ToListAsync(ct);
        var passed = zones
            .Select(id => (Id: id, Local: TimeZoneInfo.ConvertTime(now, TimeZoneInfo.TryFindSystemTimeZoneById(id, out var zone) ? zone : TimeZoneInfo.Utc)))
            .Where(zone => zone.Local.TimeOfDay >= reminderTime)
            .ToList();
        return ([.. passed.Select(zone => zone.Id)], [.. passed.Select(zone => DateOnly.FromDateTime(zone.Local.DateTime))]);
    }

    /// <summary>Takes people who were not looked at on their local date, and publishes for those with due cards. Two instances take different people.</summary>
    /// <returns>How many were looked at.</returns>
    private static async Task<int> RemindBatchAsync(StudyDb db, string[] zones, DateOnly[] dates, DateTimeOffset now, CancellationToken ct)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        var people = await db.Database.SqlQuery<LookedAt>($"""
            with morning as (select * from unnest({zones}, {dates}) as m (time_zone, today)),
            chosen as (
                select l.user_id, m.today from morning m join learners l on l.time_zone = m.time_zone and l.reminded_on < m.today
                limit {BatchSize} for update of l skip locked),
            looked_at as (
                update learners l set reminded_on = c.today from chosen c where l.user_id = c.user_id
                returning l.user_id, l.time_zone, l.reminded_on)
            select p.user_id as "UserId", p.time_zone as "TimeZone", p.reminded_on as "LocalDate", d.cards as "DueCount"
            from looked_at p
            cross join lateral (select count(*)::int as cards from flashcards f where f.user_id = p.user_id and f.due_at <= {now}) d
            """).ToListAsync(ct);
        var reminded = people.Where(person => person.DueCount > 0).ToList();
        foreach (var person in reminded)
            db.Publish(new FlashcardDue(person.UserId, person.DueCount, person.LocalDate, person.TimeZone, person.LocalDate.DayNumber), now);
        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);
        db.ChangeTracker.Clear();
        StudyMetrics.Reminded(reminded.Count);
        return people.Count;
    }

    private sealed record LookedAt(Guid UserId, string TimeZone, DateOnly LocalDate, int DueCount);
}
