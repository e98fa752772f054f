using Mneme.Scheduling;

namespace Mneme.UnitTests.Scheduling;

public sealed class Sm2Tests
{
    [Fact]
    public void Perfect_answers_give_1_6_17_50_150_days_and_an_ease_of_3()
    {
        var (intervals, state) = Repeat(quality: 5, times: 5);
        intervals.ShouldBe([1, 6, 17, 50, 150]);
        state.EaseFactor.ShouldBe(3.0m);
        state.Repetitions.ShouldBe(5);
    }

    [Fact]
    public void Good_answers_give_1_6_15_38_95_days_and_keep_the_ease()
    {
        var (intervals, state) = Repeat(quality: 4, times: 5);
        intervals.ShouldBe([1, 6, 15, 38, 95]);
        state.EaseFactor.ShouldBe(2.5m);
    }

    [Theory]
    [InlineData(0, -80)]
    [InlineData(1, -54)]
    [InlineData(2, -32)]
    [InlineData(3, -14)]
    [InlineData(4, 0)]
    [InlineData(5, 10)]
    public void The_steps_of_the_ease_are_those_of_the_formula(int quality, int hundredths) => Sm2.EaseStep(quality).ShouldBe(hundredths);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void A_forgotten_card_starts_again_and_keeps_its_ease(int quality)
    {
        var forgotten = Sm2.Review(new Sm2State(236, 50, 7), quality);
        forgotten.ShouldBe(new Sm2State(236, 1, 0));
        Sm2.Review(forgotten, 4).ShouldBe(new Sm2State(236, 1, 1));
        Sm2.Review(Sm2.Review(forgotten, 4), 4).ShouldBe(new Sm2State(236, 6, 2));
    }

    [Fact]
    public void The_ease_falls_to_its_floor_and_no_further()
    {
        var (_, state) = Repeat(quality: 3, times: 20);
        state.EaseFactor.ShouldBe(1.3m);
    }

    [Fact]
    public void Ten_thousand_perfect_answers_end_at_the_longest_interval()
    {
        var (intervals, state) = Repeat(quality: 5, times: 10_000);
        state.IntervalDays.ShouldBe(Sm2.MaxIntervalDays);
        state.EaseHundredths.ShouldBe(250 + 10 * 10_000);
        intervals.ShouldBeInOrder();
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(6)]
    public void A_quality_outside_the_scale_is_refused(int quality) => Should.Throw<ArgumentOutOfRangeException>(() => Sm2.Review(Sm2State.New, quality));

    [Theory]
    [InlineData(129, 0, 0)]
    [InlineData(250, -1, 0)]
    [InlineData(250, 36_501, 3)]
    [InlineData(250, 0, -1)]
    public void A_state_that_cannot_be_is_refused(int ease, int interval, int repetitions) =>
        Should.Throw<ArgumentOutOfRangeException>(() => Sm2.Review(new Sm2State(ease, interval, repetitions), 4));

    [Fact]
    public void A_review_allocates_nothing()
    {
        var state = Repeat(quality: 4, times: 3).State;
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1_000; i++)
            state = Sm2.Review(state, i % 6);
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);
        state.EaseHundredths.ShouldBeGreaterThanOrEqualTo(130);
    }

    private static (List<int> Intervals, Sm2State State) Repeat(int quality, int times)
    {
        var state = Sm2State.New;
        var intervals = new List<int>();
        for (var i = 0; i < times; i++)
        {
            state = Sm2.Review(state, quality);
            intervals.Add(state.IntervalDays);
        }

        return (intervals, state);
    }
}
