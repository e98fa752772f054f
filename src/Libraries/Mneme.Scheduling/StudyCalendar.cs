namespace Mneme.Scheduling;

/// <summary>
/// Study days: the day of somebody who learns past midnight ends at the rollover, 04:00 by default, in their own time zone. A card reviewed in the evening and due
/// in one day is due from the next morning on.
/// </summary>
/// <param name="zone">The person's time zone.</param>
/// <param name="rollover">Local time at which one study day ends and the next begins, from 00:00 to 12:00.</param>
public readonly struct StudyCalendar(TimeZoneInfo zone, TimeSpan rollover)
{
    private const long QuarterHour = 15 * TimeSpan.TicksPerMinute;

    /// <summary>The study day that an instant belongs to: it begins at <see cref="StartOf"/> that day and ends where the next begins.</summary>
    public DateOnly DayOf(DateTimeOffset instant)
    {
        var date = DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(instant, zone).DateTime);
        return instant < StartOf(date) ? date.AddDays(-1) : date;
    }

    /// <summary>
    /// When a study day begins, in UTC. If the clock skips the rollover that day, it is where the skipped time ends; if the clock shows it twice, the first time counts.
    /// </summary>
    public DateTimeOffset StartOf(DateOnly day)
    {
        var local = day.ToDateTime(TimeOnly.FromTimeSpan(rollover));
        DateTimeOffset start;
        // Asked by converting there and back, because a date that a zone left out altogether (Samoa, 2011-12-30) is not reported as invalid. Every skipped
        // stretch of local time ends on a quarter of an hour.
        while (TimeZoneInfo.ConvertTime(start = FirstAt(local), zone).DateTime != local)
            local = local.AddTicks(QuarterHour - local.Ticks % QuarterHour);
        return start;
    }

    /// <summary>Whole study days from one instant to another; 0 if clocks went backwards in between.</summary>
    public int DaysBetween(DateTimeOffset earlier, DateTimeOffset later) => Math.Max(0, DayOf(later).DayNumber - DayOf(earlier).DayNumber);

    private DateTimeOffset FirstAt(DateTime local)
    {
        var offset = zone.GetUtcOffset(local);
        if (zone.IsAmbiguousTime(local))
        {
            // The larger offset is in force first.
            foreach (var candidate in zone.GetAmbiguousTimeOffsets(local))
                offset = candidate > offset ? candidate : offset;
        }

        return new DateTimeOffset(local, offset).ToUniversalTime();
    }
}
