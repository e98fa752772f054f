using System.Globalization;
using Mneme.Scheduling;

namespace Mneme.UnitTests.Scheduling;

public sealed class StudyCalendarTests
{
    [Theory]
    [InlineData("Europe/Berlin", "2026-11-20T03:59:59+01:00", "2026-11-19")]
    [InlineData("Europe/Berlin", "2026-11-20T04:00:00+01:00", "2026-11-20")]
    [InlineData("Europe/Berlin", "2026-11-21T00:30:00+01:00", "2026-11-20")]
    [InlineData("Pacific/Kiritimati", "2026-11-20T14:00:00+00:00", "2026-11-21")]
    [InlineData("Pacific/Honolulu", "2026-11-20T13:59:00+00:00", "2026-11-19")]
    public void A_study_day_ends_at_four_in_the_morning(string zone, string instant, string day) =>
        In(zone).DayOf(Instant(instant)).ShouldBe(Date(day));

    [Theory]
    [InlineData("Europe/Berlin", "2026-03-29", "2026-03-29T02:00:00Z")] // the day of 23 hours
    [InlineData("Europe/Berlin", "2026-10-25", "2026-10-25T03:00:00Z")] // the day of 25 hours
    [InlineData("America/Los_Angeles", "2026-07-01", "2026-07-01T11:00:00Z")]
    [InlineData("Asia/Kathmandu", "2026-07-01", "2026-06-30T22:15:00Z")]
    public void A_study_day_begins_at_four_by_the_local_clock(string zone, string day, string instant) => In(zone).StartOf(Date(day)).ShouldBe(Instant(instant));

    [Theory]
    [InlineData(2.5)]
    [InlineData(2.51)] // 02:30:36
    public void A_rollover_that_the_clock_skips_is_where_the_skipped_time_ends(double rollover) =>
        In("Europe/Berlin", rollover).StartOf(Date("2026-03-29")).ShouldBe(Instant("2026-03-29T03:00:00+02:00"));

    [Fact]
    public void A_rollover_that_the_clock_shows_twice_is_the_first_of_the_two() =>
        In("Europe/Berlin", hours: 2.5).StartOf(Date("2026-10-25")).ShouldBe(Instant("2026-10-25T02:30:00+02:00"));

    [Fact]
    public void Evening_and_next_morning_are_one_day_apart_and_a_night_shift_is_none()
    {
        var berlin = In("Europe/Berlin");
        berlin.DaysBetween(Instant("2026-11-19T23:50:00+01:00"), Instant("2026-11-20T07:00:00+01:00")).ShouldBe(1);
        berlin.DaysBetween(Instant("2026-11-19T23:50:00+01:00"), Instant("2026-11-20T03:00:00+01:00")).ShouldBe(0);
        berlin.DaysBetween(Instant("2026-11-20T07:00:00+01:00"), Instant("2026-11-19T07:00:00+01:00")).ShouldBe(0);
    }

    [Theory]
    [InlineData("Europe/Berlin", 4)]
    [InlineData("Europe/Berlin", 2.5)]
    [InlineData("America/New_York", 1.5)]
    [InlineData("Australia/Lord_Howe", 1.75)]
    [InlineData("Pacific/Apia", 4)]
    [InlineData("Africa/Cairo", 0)]
    [InlineData("Pacific/Auckland", 12)]
    public void Every_instant_of_a_year_lies_between_its_days_beginning_and_the_next(string zone, double rollover)
    {
        var calendar = In(zone, rollover);
        // 2011 is the year in which Samoa left a day out.
        foreach (var year in (int[])[2011, 2026])
        {
            var previous = DateOnly.MinValue;
            for (var instant = new DateTimeOffset(year, 1, 1, 0, 7, 0, TimeSpan.Zero); instant.Year == year; instant = instant.AddMinutes(30))
            {
                var day = calendar.DayOf(instant);
                day.ShouldBeGreaterThanOrEqualTo(previous);
                calendar.StartOf(day).ShouldBeLessThanOrEqualTo(instant);
                calendar.StartOf(day.AddDays(1)).ShouldBeGreaterThan(instant);
                previous = day;
            }
        }
    }

    private static StudyCalendar In(string zone, double hours = 4) => new(TimeZoneInfo.FindSystemTimeZoneById(zone), TimeSpan.FromHours(hours));

    private static DateTimeOffset Instant(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);

    private static DateOnly Date(string text) => DateOnly.Parse(text, CultureInfo.InvariantCulture);
}
