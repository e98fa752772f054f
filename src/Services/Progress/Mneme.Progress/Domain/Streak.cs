namespace Mneme.Progress.Domain;

/// <summary>What somebody did on one date of their calendar.</summary>
/// <param name="Date">The date, in <paramref name="TimeZone"/>.</param>
/// <param name="TimeZone">IANA name of the zone of the date's first action.</param>
/// <param name="FirstAt">The date's first action.</param>
/// <param name="LastAt">The date's last action so far.</param>
internal readonly record struct ActiveDay(DateOnly Date, string TimeZone, DateTimeOffset FirstAt, DateTimeOffset LastAt);

/// <summary>A day that counted for a streak.</summary>
/// <param name="Date">Its date, in <paramref name="TimeZone"/>.</param>
/// <param name="TimeZone">IANA name of the zone that it was earned in.</param>
/// <param name="At">When it was earned.</param>
internal readonly record struct EarnedDay(DateOnly Date, string TimeZone, DateTimeOffset At)
{
    public DateOnly DateAt(DateTimeOffset instant) => instant.DateIn(LocalTime.Zone(TimeZone));
}

/// <summary>
/// Days in a row, by the dates of the person's calendar and never by 24 hours. The first action of a date extends the streak; a date without one breaks it.
/// After a change of zone a day is earned only if its date is later than the last earned one in the old and in the new zone, and the streak breaks only when
/// the next date has ended in both: nobody gains a day by flying west or loses one by flying east.
/// </summary>
/// <param name="Days">Earned days in a row up to <paramref name="Last"/>; 0 if none was ever earned.</param>
/// <param name="Longest">The most that <paramref name="Days"/> ever was.</param>
/// <param name="Last">The last earned day.</param>
internal sealed record Streak(int Days, int Longest, EarnedDay? Last)
{
    public static Streak None { get; } = new(0, 0, null);

    /// <summary>The streak of a whole history.</summary>
    /// <param name="days">The active days, in order of their first action.</param>
    public static Streak Of(IEnumerable<ActiveDay> days) => days.Aggregate(None, (streak, day) => streak.With(day));

    /// <summary>Takes a day into account. Taking the same day again, with more actions, is the same as taking it once.</summary>
    /// <param name="day">A day that is not <see cref="IsLate"/>.</param>
    public Streak With(ActiveDay day)
    {
        if (Last is not { } last)
            return Earn(day, 1, day.FirstAt);
        var (firstThere, lastThere) = day.TimeZone == last.TimeZone ? (day.Date, day.Date) : (last.DateAt(day.FirstAt), last.DateAt(day.LastAt));
        if (day.Date <= last.Date || lastThere <= last.Date)
            return this;
        var next = last.Date.AddDays(1);
        var continues = day.Date <= next || firstThere <= next;
        return Earn(day, continues ? Days + 1 : 1, firstThere > last.Date ? day.FirstAt : day.LastAt);
    }

    /// <summary>
    /// Whether a day lies before the last earned one, as when its event was delayed. It may join two streaks or part one, so the streak is then to be
    /// counted anew from the whole history.
    /// </summary>
    public bool IsLate(ActiveDay day) => Last is { } last && (day.Date < last.Date || (day.TimeZone != last.TimeZone && day.FirstAt < last.At));

    /// <summary>The streak as it stands at an instant: 0 once it is broken.</summary>
    /// <param name="now">The instant.</param>
    /// <param name="zone">Where the person is then.</param>
    public int At(DateTimeOffset now, TimeZoneInfo zone)
    {
        if (Last is not { } last)
            return 0;
        var next = last.Date.AddDays(1);
        return now.DateIn(zone) <= next || last.DateAt(now) <= next ? Days : 0;
    }

    /// <summary>The last earned date of those streaks that end with today unless something is done, and for which something can be done now.</summary>
    /// <param name="now">The present.</param>
    /// <param name="zone">The person's zone, whose today is meant.</param>
    /// <param name="earnedZone">The zone that the last day was earned in.</param>
    /// <returns>Null if no streak of these zones ends with today.</returns>
    public static DateOnly? EarnedDateAtStake(DateTimeOffset now, TimeZoneInfo zone, TimeZoneInfo earnedZone)
    {
        var (here, there) = (now.DateIn(zone), now.DateIn(earnedZone));
        // A day can be earned now if both dates are later than the last earned one; the streak still stands if one of them is not more than a day later.
        var earned = (here < there ? here : there).AddDays(-1);
        var thereAtMidnight = LocalTime.StartOf(here.AddDays(1), zone).DateIn(earnedZone);
        return thereAtMidnight > earned.AddDays(1) ? earned : null;
    }

    private Streak Earn(ActiveDay day, int days, DateTimeOffset at) => new(days, Math.Max(Longest, days), new EarnedDay(day.Date, day.TimeZone, at));
}
