using FsCheck;
using FsCheck.Fluent;
using Mneme.Scheduling;

namespace Mneme.UnitTests.Scheduling;

public sealed class Sm2Properties
{
    private static readonly Config Repeatable = Config.QuickThrowOnFailure.WithReplay(20_261_120, 7).WithMaxTest(500).WithQuietOnSuccess(true);

    private static readonly Arbitrary<int[]> Histories = Gen.Choose(0, 5).ArrayOf().Resize(80).ToArbitrary();

    // Answers that were mostly known make long intervals, where rounding matters.
    private static readonly Arbitrary<int[]> KnownWell = Gen.Frequency((1, Gen.Choose(0, 2)), (30, Gen.Choose(3, 5))).ArrayOf().Resize(80).ToArbitrary();

    private static readonly Arbitrary<Sm2State> States = Histories.Generator.Select(history => history.Aggregate(Sm2State.New, Sm2.Review)).ToArbitrary();

    [Fact]
    public void It_agrees_with_exact_fractions_over_any_history()
    {
        Prop.ForAll(Histories, AgreesWithFractions).Check(Repeatable);
        Prop.ForAll(KnownWell, AgreesWithFractions).Check(Repeatable);
    }

    [Fact]
    public void The_ease_is_never_below_130_and_the_interval_always_within_1_and_36500_days() => Prop.ForAll(Histories, history =>
    {
        var state = Sm2State.New;
        return history.All(quality =>
        {
            state = Sm2.Review(state, quality);
            return state.EaseHundredths >= 130 && state.IntervalDays is >= 1 and <= 36_500;
        });
    }).Check(Repeatable);

    [Fact]
    public void A_better_answer_never_gives_a_shorter_interval_or_a_lower_ease_among_those_that_pass() => Prop.ForAll(States, state =>
        Enumerable.Range(3, 2).All(quality =>
        {
            var (worse, better) = (Sm2.Review(state, quality), Sm2.Review(state, quality + 1));
            return worse.IntervalDays <= better.IntervalDays && worse.EaseHundredths <= better.EaseHundredths;
        })).Check(Repeatable);

    [Fact]
    public void A_forgotten_card_never_waits_longer_than_a_remembered_one() => Prop.ForAll(States, state =>
        Sm2.Review(state, 2).IntervalDays <= Sm2.Review(state, 3).IntervalDays).Check(Repeatable);

    [Fact]
    public void The_interval_grows_with_every_answer_that_passes() => Prop.ForAll(States, state =>
        Sm2.Review(Sm2.Review(state, 3), 3).IntervalDays >= Sm2.Review(state, 3).IntervalDays).Check(Repeatable);

    [Fact]
    public void A_longer_interval_or_a_higher_ease_before_never_gives_a_shorter_interval() => Prop.ForAll(
        Gen.Choose(130, 400).ToArbitrary(), Gen.Choose(1, 36_499).ToArbitrary(), Gen.Choose(3, 5).ToArbitrary(), (ease, interval, quality) =>
        {
            var next = Sm2.Review(new Sm2State(ease, interval, 5), quality).IntervalDays;
            return next <= Sm2.Review(new Sm2State(ease + 1, interval, 5), quality).IntervalDays && next <= Sm2.Review(new Sm2State(ease, interval + 1, 5), quality).IntervalDays;
        }).Check(Repeatable);

    [Fact]
    public void Nothing_overflows_over_ten_thousand_reviews()
    {
        var random = new Random(4711);
        for (var history = 0; history < 20; history++)
        {
            var (state, exact) = (Sm2State.New, new RationalSm2());
            for (var i = 0; i < 10_000; i++)
            {
                var quality = random.Next(200) == 0 ? random.Next(3) : random.Next(3, 6);
                state = Sm2.Review(state, quality);
                exact.Answer(quality);
            }

            ((long)exact.Interval, exact.Ease.Numerator * 100 == state.EaseHundredths * exact.Ease.Denominator).ShouldBe((state.IntervalDays, true));
        }
    }

    private static bool AgreesWithFractions(int[] history)
    {
        var (state, exact) = (Sm2State.New, new RationalSm2());
        return history.All(quality =>
        {
            state = Sm2.Review(state, quality);
            exact.Answer(quality);
            return exact.Interval == state.IntervalDays && exact.Repetitions == state.Repetitions && exact.Ease.Numerator * 100 == state.EaseHundredths * exact.Ease.Denominator;
        });
    }
}
