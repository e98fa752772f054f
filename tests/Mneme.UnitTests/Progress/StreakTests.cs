using Mneme.Progress.Domain;

namespace Mneme.UnitTests.Progress;

public sealed class StreakTests
{
    private const string Berlin = "Europe/Berlin";
    private const string Auckland = "Pacific/Auckland";
    private const string Honolulu = "Pacific/Honolulu";
    private const string LosAngeles = "America/Los_Angeles";
    private const string Sydney = "Australia/Sydney";
    private const string Kiritimati = "Pacific/Kiritimati";

    [Fact]
    public void The_first_action_of_a_day_extends_and_the_next_ones_do_nothing()
    {
        var streak = Streak.None.With(Day(Berlin, "2026-01-05 09:00"));
        streak.Days.ShouldBe(1);
        streak.With(Day(Berlin, "2026-01-05 22:00")).ShouldBe(streak);
        streak.With(Day(Berlin, "2026-01-06 00:10")).Days.ShouldBe(2);
    }

    [Fact]
    public void A_day_without_an_action_restarts_at_one_and_the_longest_is_kept()
    {
        var streak = Streak.Of([Day(Berlin, "2026-01-05 09:00"), Day(Berlin, "2026-01-06 09:00"), Day(Berlin, "2026-01-07 09:00"), Day(Berlin, "2026-01-09 09:00")]);
        (streak.Days, streak.Longest).ShouldBe((1, 3));
    }

    [Fact]
    public void Midnight_is_the_edge_and_not_24_hours()
    {
        // Two seconds apart, and yet two days; 47 hours and 59 minutes apart, and yet in a row.
        Streak.Of([Day(Berlin, "2026-01-05 23:59:59"), Day(Berlin, "2026-01-06 00:00:01")]).Days.ShouldBe(2);
        Streak.Of([Day(Berlin, "2026-01-05 00:00"), Day(Berlin, "2026-01-06 23:59:59")]).Days.ShouldBe(2);
        Streak.Of([Day(Berlin, "2026-01-05 23:59:59"), Day(Berlin, "2026-01-07 00:00")]).Days.ShouldBe(1);
    }

    [Fact]
    public void Days_of_23_and_of_25_hours_count_once()
    {
        string[] spring = ["2026-03-28 23:30", "2026-03-29 00:30", "2026-03-29 23:30", "2026-03-30 00:30"];
        string[] autumn = ["2026-10-24 23:30", "2026-10-25 00:30", "2026-10-25 23:30", "2026-10-26 00:30"];
        Streak.Of(spring.Select(time => Day(Berlin, time))).Days.ShouldBe(3);
        Streak.Of(autumn.Select(time => Day(Berlin, time))).Days.ShouldBe(3);

        // 24 hours after 23:30 on the eve of the short day it is 00:30 two dates later: the short day is missing.
        var eve = Day(Berlin, "2026-03-28 23:30");
        Streak.Of([eve, At(Berlin, eve.FirstAt.AddHours(24))]).Days.ShouldBe(1);
        // 24 hours after 00:30 on the long day it is still that day.
        var morning = Day(Berlin, "2026-10-25 00:30");
        var sameDay = At(Berlin, morning.FirstAt.AddHours(24));
        sameDay.Date.ShouldBe(morning.Date);
        Streak.Of([morning, sameDay]).Days.ShouldBe(1);
    }

    [Fact]
    public void A_streak_is_shown_until_the_next_date_has_ended()
    {
        var streak = Streak.None.With(Day(Berlin, "2026-03-28 12:00"));
        var berlin = LocalTime.Zone(Berlin);
        streak.At(Instant(Berlin, "2026-03-28 12:00"), berlin).ShouldBe(1);
        streak.At(Instant(Berlin, "2026-03-29 23:59:59"), berlin).ShouldBe(1);
        streak.At(Instant(Berlin, "2026-03-30 00:00"), berlin).ShouldBe(0);
        Streak.None.At(Instant(Berlin, "2026-03-30 00:00"), berlin).ShouldBe(0);
    }

    [Fact]
    public void Flying_from_Auckland_to_Honolulu_does_not_earn_the_same_date_twice()
    {
        // 10 January, 09:00 in Auckland is 9 January, 10:00 in Honolulu.
        var streak = Streak.None.With(Day(Auckland, "2026-01-10 09:00"));
        var earlier = Day(Honolulu, "2026-01-09 20:00");
        streak = streak.With(earlier).With(Day(Honolulu, "2026-01-10 08:00")).With(Day(Honolulu, "2026-01-10 23:59"));
        streak.Days.ShouldBe(1);
        streak = streak.With(Day(Honolulu, "2026-01-11 00:01"));
        (streak.Days, streak.Last!.Value.Date).ShouldBe((2, new DateOnly(2026, 1, 11)));
    }

    [Fact]
    public void Flying_from_Auckland_to_Honolulu_leaves_the_long_day_to_keep_the_streak()
    {
        var streak = Streak.None.With(Day(Auckland, "2026-01-10 09:00"));
        var honolulu = LocalTime.Zone(Honolulu);
        // 11 January has ended in Auckland, but not in Honolulu.
        streak.At(Instant(Honolulu, "2026-01-11 23:59"), honolulu).ShouldBe(1);
        streak.At(Instant(Honolulu, "2026-01-12 00:00"), honolulu).ShouldBe(0);
        streak.With(Day(Honolulu, "2026-01-12 00:00")).Days.ShouldBe(1);
    }

    [Fact]
    public void Flying_from_Los_Angeles_to_Sydney_loses_no_streak_and_gains_no_day()
    {
        // 5 March, 21:00 in Los Angeles is 6 March, 16:00 in Sydney.
        var streak = Streak.None.With(Day(LosAngeles, "2026-03-05 21:00"));
        streak.With(Day(Sydney, "2026-03-06 18:00")).Days.ShouldBe(1, "it is still the 5th in Los Angeles");
        // The flight skips the 6th almost wholly; on the 7th in Sydney the 6th goes on in Los Angeles.
        var landed = streak.With(Day(Sydney, "2026-03-07 09:00"));
        (landed.Days, landed.Last!.Value.Date).ShouldBe((2, new DateOnly(2026, 3, 7)));
        landed.With(Day(Sydney, "2026-03-08 09:00")).Days.ShouldBe(3);
        // In Los Angeles the 6th ends at 19:00 on the 7th in Sydney.
        streak.With(Day(Sydney, "2026-03-07 18:59")).Days.ShouldBe(2);
        streak.With(Day(Sydney, "2026-03-08 00:00")).Days.ShouldBe(1);
    }

    [Fact]
    public void Between_Honolulu_and_Kiritimati_the_clock_stays_and_the_date_changes()
    {
        // Both have the same time of day, a date apart.
        var streak = Streak.None.With(Day(Honolulu, "2026-06-01 12:00"));
        streak.With(Day(Kiritimati, "2026-06-02 12:05")).Days.ShouldBe(1, "the same moment five minutes on");
        streak.With(Day(Kiritimati, "2026-06-03 00:00")).Days.ShouldBe(2);
        streak.With(Day(Kiritimati, "2026-06-03 23:59")).Days.ShouldBe(2);
        streak.With(Day(Kiritimati, "2026-06-04 00:00")).Days.ShouldBe(1);

        var back = Streak.None.With(Day(Kiritimati, "2026-06-02 12:00"));
        back.With(Day(Honolulu, "2026-06-02 23:59")).Days.ShouldBe(1, "the date was earned in Kiritimati");
        back.With(Day(Honolulu, "2026-06-03 00:00")).Days.ShouldBe(2);
    }

    [Fact]
    public void A_day_that_begins_too_early_after_a_flight_is_earned_by_a_later_action()
    {
        var streak = Streak.None.With(Day(LosAngeles, "2026-03-05 21:00"));
        // 18:00 is still the 5th in Los Angeles, 21:00 is the 6th there.
        var whole = new ActiveDay(new DateOnly(2026, 3, 6), Sydney, Instant(Sydney, "2026-03-06 18:00"), Instant(Sydney, "2026-03-06 21:00"));
        streak.With(whole with { LastAt = whole.FirstAt }).With(whole).ShouldBe(streak.With(whole));
        streak.With(whole).Days.ShouldBe(2);
        streak.With(whole).Last!.Value.At.ShouldBe(whole.LastAt);
    }

    [Fact]
    public void A_day_before_the_last_earned_one_is_late_and_the_history_is_counted_anew()
    {
        ActiveDay[] days = [Day(Berlin, "2026-01-05 09:00"), Day(Berlin, "2026-01-06 09:00"), Day(Berlin, "2026-01-07 09:00")];
        var streak = Streak.Of([days[0], days[2]]);
        streak.Days.ShouldBe(1);
        streak.IsLate(days[1]).ShouldBeTrue();
        streak.IsLate(days[2]).ShouldBeFalse();
        Streak.None.IsLate(days[1]).ShouldBeFalse();
        Streak.Of(days).Days.ShouldBe(3);
    }

    [Theory]
    [InlineData("America/Havana", "2026-11-01", "2026-11-01T04:00:00Z")] // at one it is midnight again
    [InlineData("America/Havana", "2026-03-08", "2026-03-08T05:00:00Z")] // at midnight it is one
    [InlineData(Berlin, "2026-10-25", "2026-10-24T22:00:00Z")]
    public void A_date_begins_when_its_midnight_first_comes(string zone, string date, string instant) =>
        LocalTime.StartOf(DateOnly.Parse(date, System.Globalization.CultureInfo.InvariantCulture), LocalTime.Zone(zone))
            .ShouldBe(DateTimeOffset.Parse(instant, System.Globalization.CultureInfo.InvariantCulture));

    [Fact]
    public void At_home_the_day_before_is_at_stake()
    {
        var berlin = LocalTime.Zone(Berlin);
        Streak.EarnedDateAtStake(Instant(Berlin, "2026-03-29 20:00"), berlin, berlin).ShouldBe(new DateOnly(2026, 3, 28));
        Streak.EarnedDateAtStake(Instant(Berlin, "2026-10-25 23:59"), berlin, berlin).ShouldBe(new DateOnly(2026, 10, 24));
    }

    [Fact]
    public void After_a_flight_only_what_really_ends_tonight_and_can_be_kept_is_at_stake()
    {
        var (sydney, losAngeles) = (LocalTime.Zone(Sydney), LocalTime.Zone(LosAngeles));
        // Earned on the 5th in Los Angeles, where the 6th ends at 19:00 on the 7th in Sydney: the streak lives until the 7th ends in Sydney.
        Streak.EarnedDateAtStake(Instant(Sydney, "2026-03-06 20:00"), sydney, losAngeles).ShouldBeNull("no streak of these zones ends on this evening");
        foreach (var evening in new[] { "2026-01-10 20:00", "2026-03-07 20:00", "2026-03-08 21:30" })
        {
            foreach (var (zone, earnedZone) in new[] { (Sydney, LosAngeles), (LosAngeles, Sydney), (Honolulu, Kiritimati), (Kiritimati, Honolulu), (Auckland, Auckland) })
                VerifyStake(Instant(zone, evening), zone, earnedZone);
        }
    }

    /// <summary>Compares with what the streak itself says: it stands, today can be earned, and at midnight it stands no more.</summary>
    private static void VerifyStake(DateTimeOffset now, string zone, string earnedZone)
    {
        var here = LocalTime.Zone(zone);
        var today = now.DateIn(here);
        var midnight = Instant(zone, $"{today.AddDays(1):yyyy-MM-dd} 00:00");
        var atStake = Enumerable.Range(-5, 8).Select(today.AddDays).Where(earned =>
        {
            var streak = new Streak(7, 7, new EarnedDay(earned, earnedZone, now.AddHours(-20)));
            return streak.At(now, here) == 7 && streak.With(At(zone, now)).Days == 8 && streak.At(midnight, here) == 0;
        });
        var expected = atStake.Select(d => (DateOnly?)d).SingleOrDefault();
        Streak.EarnedDateAtStake(now, here, LocalTime.Zone(earnedZone)).ShouldBe(expected, $"{now} {zone} {earnedZone}");
    }

    private static ActiveDay Day(string zone, string localTime) => At(zone, Instant(zone, localTime));

    private static ActiveDay At(string zone, DateTimeOffset at) => new(at.DateIn(LocalTime.Zone(zone)), zone, at, at);

    private static DateTimeOffset Instant(string zone, string localTime)
    {
        var local = DateTime.Parse(localTime, System.Globalization.CultureInfo.InvariantCulture);
        return new DateTimeOffset(TimeZoneInfo.ConvertTimeToUtc(local, TimeZoneInfo.FindSystemTimeZoneById(zone)));
    }
}
