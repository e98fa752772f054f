using FsCheck;
using FsCheck.Fluent;
using Mneme.Progress.Domain;

namespace Mneme.UnitTests.Progress;

/// <summary>The streak against a model that reads the rules literally: it looks for the instants at which dates end, by trying every quarter of an hour.</summary>
public sealed class StreakProperties
{
    private static readonly string[] Zones =
        ["Europe/Berlin", "America/Los_Angeles", "Australia/Sydney", "Pacific/Auckland", "Pacific/Honolulu", "Pacific/Kiritimati", "Asia/Kathmandu", "America/Sao_Paulo"];

    private static readonly DateTimeOffset Start = new(2026, 3, 20, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void In_one_zone_a_streak_is_the_dates_in_a_row_that_end_with_the_last() =>
        Prop.ForAll(Journeys(zones: 1).ToArbitrary(), actions =>
        {
            var dates = actions.Select(a => a.At.DateIn(LocalTime.Zone(a.Zone))).ToHashSet();
            var expected = 0;
            for (var date = dates.DefaultIfEmpty().Max(); dates.Contains(date); date = date.AddDays(-1))
                expected++;
            return Streak.Of(Days(actions)).Days == expected;
        }).Check(Settings);

    [Fact]
    public void On_journeys_it_is_what_the_rules_say_action_by_action() =>
        Prop.ForAll(Journeys(zones: 5).ToArbitrary(), actions =>
        {
            var streak = Streak.Of(Days(actions));
            var model = Model(actions);
            return (streak.Days, streak.Longest, streak.Last?.Date) == (model.Days, model.Longest, model.Last);
        }).Check(Settings);

    [Fact]
    public void The_order_in_which_events_arrive_does_not_matter() =>
        Prop.ForAll(Journeys(zones: 5).ToArbitrary(), Gen.Choose(0, int.MaxValue - 1).ToArbitrary(), (actions, seed) =>
        {
            var arriving = actions.ToArray();
            new Random(seed).Shuffle(arriving);
            var streak = Streak.None;
            var seen = new List<Step>();
            foreach (var action in arriving)
            {
                seen.Add(action);
                var days = Days(seen);
                var day = days.Single(d => d.Date == action.Date);
                streak = streak.IsLate(day) ? Streak.Of(days) : streak.With(day);
            }

            var expected = Streak.Of(Days(actions));
            return (streak.Days, streak.Longest, streak.Last?.Date) == (expected.Days, expected.Longest, expected.Last?.Date);
        }).Check(Settings);

    [Fact]
    public void What_is_shown_is_the_streak_until_an_action_would_no_longer_continue_it() =>
        Prop.ForAll(Journeys(zones: 3).ToArbitrary(), Gen.Choose(0, 96 * 4).ToArbitrary(), Gen.Elements(Zones).ToArbitrary(), (actions, quarters, zone) =>
        {
            if (actions.Length == 0)
                return true;
            var streak = Streak.Of(Days(actions));
            var now = actions[^1].At.AddMinutes(15 * quarters);
            var shown = streak.At(now, LocalTime.Zone(zone));
            var next = streak.With(new ActiveDay(now.DateIn(LocalTime.Zone(zone)), zone, now, now));
            return shown == 0 ? next.Days == 1 : next.Days == streak.Days + 1 || next == streak;
        }).Check(Settings);

    private static Config Settings => Config.QuickThrowOnFailure.WithMaxTest(500).WithReplay(20260320, 4711);

    /// <summary>Actions in order of time, from minutes to three days apart, in zones that change every now and then.</summary>
    private static Gen<Step[]> Journeys(int zones)
    {
        var step =
            from minutes in Gen.Frequency(
                (3, Gen.Choose(1, 600)),
                (5, Gen.Choose(600, 1800)),
                (2, Gen.Choose(1800, 4500)))
            from moves in Gen.Frequency((4, Gen.Constant(false)), (1, Gen.Constant(true)))
            from zone in Gen.Choose(0, zones - 1)
            select (minutes, moves, zone);
        return
            from shift in Gen.Choose(0, Zones.Length - 1)
            from start in Gen.Choose(0, 250 * 96)
            from steps in step.ListOf()
            select Walk(start, shift, [.. steps]);
    }

    private static Step[] Walk(int start, int shift, (int Minutes, bool Moves, int Zone)[] steps)
    {
        var (at, zone) = (Start.AddMinutes(15 * start), 0);
        var walked = new List<Step>();
        foreach (var step in steps)
        {
            at = at.AddMinutes(step.Minutes);
            zone = step.Moves ? step.Zone : zone;
            var name = Zones[(zone + shift) % Zones.Length];
            var action = new Step(at, name, at.DateIn(LocalTime.Zone(name)));
            // A date that somebody spends in two zones counts as the first one's.
            if (walked.TrueForAll(other => other.Date != action.Date || other.Zone == name))
                walked.Add(action);
        }

        return [.. walked];
    }

    private static List<ActiveDay> Days(IEnumerable<Step> actions) =>
        [.. actions.GroupBy(a => a.Date).Select(day => new ActiveDay(day.Key, day.MinBy(a => a.At)!.Zone, day.Min(a => a.At), day.Max(a => a.At))).OrderBy(d => d.FirstAt)];

    private static (int Days, int Longest, DateOnly? Last) Model(Step[] actions)
    {
        var (days, longest) = (0, 0);
        (DateOnly Date, string Zone)? last = null;
        foreach (var (at, zone, date) in actions)
        {
            if (last is { } earned)
            {
                if (at < EndOf(earned.Date, earned.Zone) || at < EndOf(earned.Date, zone))
                    continue;
                var next = earned.Date.AddDays(1);
                days = at >= EndOf(next, earned.Zone) && at >= EndOf(next, zone) ? 1 : days + 1;
            }
            else
            {
                days = 1;
            }

            longest = Math.Max(longest, days);
            last = (date, zone);
        }

        return (days, longest, last?.Date);
    }

    private static DateTimeOffset EndOf(DateOnly date, string zone)
    {
        var rules = TimeZoneInfo.FindSystemTimeZoneById(zone);
        var at = new DateTimeOffset(date.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero);
        while (DateOnly.FromDateTime(TimeZoneInfo.ConvertTimeFromUtc(at.UtcDateTime, rules)) <= date)
            at = at.AddMinutes(15);
        return at;
    }

    private sealed record Step(DateTimeOffset At, string Zone, DateOnly Date);
}
