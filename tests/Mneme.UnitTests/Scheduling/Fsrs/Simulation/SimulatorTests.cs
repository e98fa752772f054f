using Mneme.Scheduling.Fsrs;
using Mneme.Scheduling.Fsrs.Simulation;

namespace Mneme.UnitTests.Scheduling.Fsrs.Simulation;

public sealed class SimulatorTests
{
    private static readonly FsrsModel Model = new(FsrsWeights.Default);

    [Fact]
    public void The_same_seed_plays_the_same_days_and_another_others()
    {
        var settings = new SimulationSettings { Days = 90, NewCards = 300 };
        var first = Simulator.Run(FsrsWeights.Default, [], settings);
        Simulator.Run(FsrsWeights.Default, [], settings).ShouldBe(first);
        Simulator.Run(FsrsWeights.Default, [], settings with { Seed = 2 }).ShouldNotBe(first);
    }

    [Fact]
    public void Limits_hold_every_day_and_what_is_left_over_waits()
    {
        var days = Simulator.Run(FsrsWeights.Default, [], new SimulationSettings { Days = 120, NewCards = 500, NewCardsPerDay = 15, ReviewsPerDay = 25 });
        days.ShouldAllBe(day => day.NewCards <= 15 && day.Reviews <= 25 && (day.Waiting == 0 || day.Reviews == 25));
        days.Sum(day => day.NewCards).ShouldBe(500);
        days.Max(day => day.Waiting).ShouldBeGreaterThan(0);
        days[0].ShouldBe(new SimulatedDay(15, 0, 0, days[0].Minutes, 15));
    }

    [Fact]
    public void What_is_due_is_remembered_as_often_as_is_desired()
    {
        // Learned long ago, all due today at a retention of 0.85.
        var interval = (int)Math.Round(Model.Interval(50, 0.85));
        var held = Enumerable.Repeat(new HeldCard(new MemoryState(50, 5), interval, 0), 4_000).ToList();
        var habits = new StudyHabits { ReviewSeconds = [60, 0, 0, 0] };
        var day = Simulator.Run(FsrsWeights.Default, held, new SimulationSettings { Days = 1, NewCards = 0, Habits = habits })[0];
        day.Reviews.ShouldBe(4_000);
        // A minute for each that was forgotten; three standard deviations are 68.
        day.Minutes.ShouldBe(4_000 * (1 - Model.Retrievability(interval, 50)), 68);
    }

    [Fact]
    public void Days_ahead_of_held_cards_are_the_days_that_they_are_due()
    {
        var held = new[] { 0, 3, 3, 9, -5 }.Select(due => new HeldCard(new MemoryState(1_000, 5), 100, due)).ToList();
        var days = Simulator.Run(FsrsWeights.Default, held, new SimulationSettings { Days = 9, NewCards = 0 });
        days.Select(day => day.Reviews).ShouldBe([2, 0, 0, 2, 0, 0, 0, 0, 0]);
        days.ShouldAllBe(day => day.Known > 4 && day.Known < 5);
    }

    [Fact]
    public void A_higher_retention_means_more_reviews_and_more_known()
    {
        var settings = new SimulationSettings { Days = 200, NewCards = 400 };
        var (low, high) = (Simulator.Run(FsrsWeights.Default, [], settings with { DesiredRetention = 0.75 }), Simulator.Run(FsrsWeights.Default, [], settings with { DesiredRetention = 0.95 }));
        low.Sum(day => day.Reviews).ShouldBeLessThan(high.Sum(day => day.Reviews));
        low[^1].Known.ShouldBeLessThan(high[^1].Known);
    }

    [Fact]
    public void The_cheapest_retention_costs_least_for_each_card_known()
    {
        var (retention, costs) = Simulator.CheapestRetention(FsrsWeights.Default, [], new SimulationSettings { Days = 180, NewCards = 200 });
        costs.Select(cost => Math.Round(cost.Retention * 100)).ShouldBe(Enumerable.Range(70, 28).Select(i => (double)i));
        var cheapest = costs.Single(cost => cost.Retention == retention);
        costs.ShouldAllBe(cost => cost.Minutes / cost.Known >= cheapest.MinutesPerKnownCard);
        // Nobody saves time by never forgetting.
        costs[^1].MinutesPerKnownCard.ShouldBeGreaterThan(cheapest.MinutesPerKnownCard);
    }

    [Fact]
    public void A_restart_sees_every_card_once_evenly_and_what_is_forgotten_fastest_first()
    {
        var random = new Random(4);
        var backlog = Enumerable.Range(0, 103).Select(_ => new HeldCard(new MemoryState(1 + random.NextDouble() * 200, 5), random.Next(400), -random.Next(300))).ToList();
        var plan = RestartPlan.Create(FsrsWeights.Default, backlog, 7, new StudyHabits());
        plan.Days.SelectMany(day => day.Cards).Order().ShouldBe(Enumerable.Range(0, 103));
        plan.Days.ShouldAllBe(day => day.Cards.Count == 14 || day.Cards.Count == 15);
        double Loss(int card) => Model.Retrievability(backlog[card].ElapsedDays, backlog[card].Memory.Stability) - Model.Retrievability(backlog[card].ElapsedDays + 7, backlog[card].Memory.Stability);
        var losses = plan.Days.SelectMany(day => day.Cards).Select(Loss).ToList();
        losses.ShouldBe(losses.OrderDescending());
        plan.Minutes.ShouldBe(plan.Days.Sum(day => day.Minutes));
        plan.Minutes.ShouldBeGreaterThan(plan.MinutesAtOnce);
        plan.ForgottenMeanwhile.ShouldBeGreaterThan(0);

        // The other way round would cost more.
        var backwards = plan.Days.SelectMany(day => day.Cards).Reverse().ToList();
        var worse = backwards.Select((card, at) => Model.Retrievability(backlog[card].ElapsedDays + DayOf(plan, at), backlog[card].Memory.Stability)).Sum();
        plan.Days.Sum(day => day.Remembered).ShouldBeGreaterThan(worse);
    }

    [Fact]
    public void A_restart_in_one_day_costs_nothing_and_of_nothing_is_empty()
    {
        var plan = RestartPlan.Create(FsrsWeights.Default, [new HeldCard(new MemoryState(10, 5), 20, -5)], 1, new StudyHabits());
        (plan.ForgottenMeanwhile, plan.Minutes).ShouldBe((0, plan.MinutesAtOnce));
        RestartPlan.Create(FsrsWeights.Default, [], 3, new StudyHabits()).Days.ShouldAllBe(day => day.Cards.Count == 0 && day.Minutes == 0);
    }

    [Fact]
    public void What_cannot_be_simulated_is_refused()
    {
        foreach (var wrong in (SimulationSettings[])[new() { Days = 0 }, new() { NewCards = -1 }, new() { DesiredRetention = 1 }, new() { Habits = new() { FirstRatings = [1] } }, new() { Habits = new() { FirstRatings = [1, 1, 1, 1] } }])
            Should.Throw<ArgumentException>(() => Simulator.Run(FsrsWeights.Default, [], wrong));
        Should.Throw<ArgumentException>(() => RestartPlan.Create(FsrsWeights.Default, [], 0, new StudyHabits()));
    }

    /// <summary>The day of the plan on which the card at a place is seen.</summary>
    private static int DayOf(RestartPlan plan, int at)
    {
        var day = 0;
        for (; at >= plan.Days[day].Cards.Count; day++)
            at -= plan.Days[day].Cards.Count;
        return day;
    }
}
