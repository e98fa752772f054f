namespace Mneme.Scheduling.Fsrs.Simulation;

/// <summary>One day of a restart.</summary>
/// <param name="Cards">The cards of the day, as numbers of those that the plan was made for; what is forgotten fastest comes first.</param>
/// <param name="Minutes">Time that they take, expected.</param>
/// <param name="Remembered">How many of them are remembered that day, expected.</param>
public sealed record RestartDay(IReadOnlyList<int> Cards, double Minutes, double Remembered);

/// <summary>
/// A gentle way back after a pause: a backlog spread evenly over some days. What loses most of its probability in the time until the end of the plan is seen first, so that
/// waiting costs as little as it can.
/// </summary>
/// <param name="Days">The days, the first is today.</param>
/// <param name="Minutes">Time that the plan takes, expected.</param>
/// <param name="MinutesAtOnce">Time that all of it would take today, expected.</param>
/// <param name="ForgottenMeanwhile">Cards more that are forgotten than if all were reviewed today, expected: what gentleness costs.</param>
public sealed record RestartPlan(IReadOnlyList<RestartDay> Days, double Minutes, double MinutesAtOnce, double ForgottenMeanwhile)
{
    /// <param name="weights">The learner's weights.</param>
    /// <param name="backlog">The cards that are due; when they were due is not looked at.</param>
    /// <param name="days">Over how many days, 1 to 365.</param>
    /// <param name="habits">How long reviews take.</param>
    /// <exception cref="ArgumentException">A value is out of its range.</exception>
    public static RestartPlan Create(FsrsWeights weights, IReadOnlyList<HeldCard> backlog, int days, StudyHabits habits)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(days, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(days, 365);
        habits.Verify();
        var model = new FsrsModel(weights);
        double On(int card, int day) => model.Retrievability(backlog[card].ElapsedDays + day, backlog[card].Memory.Stability);
        var order = Enumerable.Range(0, backlog.Count).OrderByDescending(card => On(card, 0) - On(card, days)).ToArray();
        var plan = new List<RestartDay>(days);
        for (var day = 0; day < days; day++)
        {
            var cards = order[(int)((long)backlog.Count * day / days)..(int)((long)backlog.Count * (day + 1) / days)];
            plan.Add(new RestartDay(cards, cards.Sum(card => habits.ExpectedSeconds(On(card, day))) / 60, cards.Sum(card => On(card, day))));
        }

        return new RestartPlan(
            plan,
            plan.Sum(day => day.Minutes),
            order.Sum(card => habits.ExpectedSeconds(On(card, 0))) / 60,
            order.Sum(card => On(card, 0)) - plan.Sum(day => day.Remembered));
    }
}
