using Mneme.Scheduling.Fsrs;

namespace Mneme.UnitTests.Scheduling.Fsrs;

public sealed class FsrsSchedulerTests
{
    private static readonly FsrsScheduler Default = new(FsrsWeights.Default, new FsrsSettings());

    [Fact]
    public void A_history_reviewed_when_due_gives_the_published_intervals()
    {
        var vector = Vectors.Get("ivl_history");
        Intervals(Default, vector.Ratings("ratings")).Select(o => o.ScheduledDays).ShouldBe(vector.Integers("expect_interval_days"));
    }

    [Theory]
    [InlineData("long_term_test1")]
    [InlineData("long_term_test2")]
    [InlineData("long_term_test3")]
    [InlineData("long_term_test4")]
    [InlineData("long_term_test5")]
    public void Without_short_term_scheduling_intervals_and_states_are_the_published_ones(string id)
    {
        var vector = Vectors.Get(id);
        var offers = Intervals(new FsrsScheduler(FsrsWeights.Create(vector.Numbers("w19")), new FsrsSettings { ShortTerm = false }), vector.Ratings("ratings"));
        offers.Select(o => o.ScheduledDays).ShouldBe(vector.Integers("ivl"));
        offers.Select(o => o.Card.Memory.Stability).ShouldBeWithin(vector.Numbers("s"), 1e-7);
        offers.Select(o => o.Card.Memory.Difficulty).ShouldBeWithin(vector.Numbers("d"), 1e-7);
        offers.ShouldAllBe(o => o.Card.State == CardState.Review);
    }

    [Fact]
    public void Short_term_scheduling_can_be_switched_between_reviews()
    {
        var vector = Vectors.Get("switch_short_long");
        var weights = FsrsWeights.Create(vector.Numbers("w19"));
        var (card, elapsed) = (FsrsCard.New, 0);
        foreach (var (i, rating) in vector.Ratings("ratings").Index())
        {
            var settings = new FsrsSettings { ShortTerm = vector.GetProperty("short_term")[i].GetBoolean() };
            var offer = new FsrsScheduler(weights, settings).Review(card, rating, elapsed);
            (card, elapsed) = (offer.Card, offer.ScheduledDays);
            elapsed.ShouldBe(vector.Integers("ivl")[i]);
            card.Memory.Stability.ShouldBe(vector.Numbers("s")[i], vector.Numbers("s")[i] * 1e-7);
            card.Memory.Difficulty.ShouldBe(vector.Numbers("d")[i], 1e-7);
            card.State.ToString().ShouldBe(vector.GetProperty("state")[i].GetString());
        }
    }

    [Fact]
    public void A_new_card_goes_through_its_steps()
    {
        var offers = Default.Offer(FsrsCard.New, 0);
        Waits(offers).ShouldBe([Minutes(1), Minutes(5.5), Minutes(10), TimeSpan.FromDays(8)]);
        (offers.Again.Card.State, offers.Again.Card.Step, offers.Hard.Card.Step, offers.Good.Card.Step).ShouldBe((CardState.Learning, 0, 0, 1));
        offers.Easy.Card.State.ShouldBe(CardState.Review);

        var second = Default.Offer(offers.Good.Card, 0);
        Waits(second).ShouldBe([Minutes(1), Minutes(10), TimeSpan.FromDays(2), TimeSpan.FromDays(4)]);
        (second.Hard.Card.State, second.Hard.Card.Step, second.Good.Card.State, second.Good.Card.Step).ShouldBe((CardState.Learning, 1, CardState.Review, 0));
        Waits(Default.Offer(second.Good.Card with { Memory = new MemoryState(100, 5) }, 100))[0].ShouldBe(Minutes(10));
    }

    [Fact]
    public void One_step_is_half_as_long_again_for_hard_and_no_step_schedules_days()
    {
        var one = new FsrsScheduler(FsrsWeights.Default, new FsrsSettings { LearningSteps = [Minutes(10)] });
        Waits(one.Offer(FsrsCard.New, 0)).ShouldBe([Minutes(10), Minutes(15), TimeSpan.FromDays(2), TimeSpan.FromDays(8)]);
        var none = new FsrsScheduler(FsrsWeights.Default, new FsrsSettings { LearningSteps = [], RelearningSteps = [] });
        var offers = none.Offer(FsrsCard.New, 0);
        Waits(offers).ShouldBe([TimeSpan.FromDays(1), TimeSpan.FromDays(1), TimeSpan.FromDays(2), TimeSpan.FromDays(8)]);
        none.Review(offers.Easy.Card, Rating.Again, 8).Card.State.ShouldBe(CardState.Review);
    }

    [Fact]
    public void A_forgotten_card_is_learned_again_in_its_own_steps()
    {
        var relearning = new FsrsScheduler(FsrsWeights.Default, new FsrsSettings { RelearningSteps = [Minutes(1), Minutes(10)] });
        var forgotten = relearning.Review(new FsrsCard(new MemoryState(50, 5), CardState.Review, 0, ParameterSet.Default), Rating.Again, 50);
        (forgotten.Card.State, forgotten.Wait).ShouldBe((CardState.Relearning, Minutes(1)));
        var first = relearning.Offer(forgotten.Card, 0);
        Waits(first)[..3].ShouldBe([Minutes(1), Minutes(5.5), Minutes(10)]);
        var second = relearning.Offer(first.Good.Card, 0);
        Waits(second)[..2].ShouldBe([Minutes(1), Minutes(10)]);
        second.Good.Card.State.ShouldBe(CardState.Review);
        // The settings have lost the step that the card is in.
        Default.Review(first.Good.Card, Rating.Hard, 0).Card.State.ShouldBe(CardState.Review);
    }

    [Fact]
    public void No_interval_is_longer_than_the_maximum()
    {
        var limited = new FsrsScheduler(FsrsWeights.Default, new FsrsSettings { MaximumIntervalDays = 30 });
        var offers = limited.Offer(new FsrsCard(new MemoryState(500, 3), CardState.Review, 0, ParameterSet.Default), 30, fuzzSeed: 7);
        Waits(offers)[1..].ShouldAllBe(wait => wait <= TimeSpan.FromDays(30));
        limited.Offer(FsrsCard.New with { State = CardState.Review, Memory = new MemoryState(36_500, 1), Set = ParameterSet.Default }, 36_500).Easy.ScheduledDays.ShouldBe(30);
    }

    [Fact]
    public void The_same_seed_gives_the_same_day_and_seeds_spread()
    {
        var card = new FsrsCard(new MemoryState(100, 5), CardState.Review, 0, ParameterSet.Default);
        var plain = Default.Offer(card, 90).Good.ScheduledDays;
        var (least, most) = Fuzz.Range(plain, 36_500);
        var days = Enumerable.Range(0, 2_000).Select(seed => Default.Offer(card, 90, (ulong)seed).Good.ScheduledDays).ToList();
        days.ShouldBe(Enumerable.Range(0, 2_000).Select(seed => Default.Offer(card, 90, (ulong)seed).Good.ScheduledDays));
        days.Distinct().Order().ShouldBe(Enumerable.Range(least, most - least + 1));
    }

    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(2, 2, 2)]
    [InlineData(3, 2, 4)]
    [InlineData(7, 5, 9)]
    [InlineData(20, 17, 23)]
    [InlineData(100, 93, 107)]
    public void The_range_of_fuzz_is_that_of_its_formula(int interval, int least, int most) => Fuzz.Range(interval, 36_500).ShouldBe((least, most));

    [Fact]
    public void A_card_of_another_version_of_the_model_is_refused()
    {
        var card = new FsrsCard(new MemoryState(100, 5), CardState.Review, 0, new ParameterSet(7, 1));
        Should.Throw<ArgumentException>(() => Default.Offer(card, 90)).Message.ShouldContain("compute it anew");
        Default.Offer(FsrsCard.New, 0).Good.Card.Set.ShouldBe(ParameterSet.Default);
        new FsrsScheduler(FsrsWeights.Create(FsrsWeights.Default.Values, revision: 3), new FsrsSettings()).Offer(FsrsCard.New, 0).Good.Card.Set.ShouldBe(new ParameterSet(6, 3));
    }

    [Fact]
    public void Settings_out_of_range_are_refused()
    {
        foreach (var wrong in (FsrsSettings[])
        [
            new() { DesiredRetention = 0 }, new() { DesiredRetention = 1.1 }, new() { DesiredRetention = double.NaN }, new() { MaximumIntervalDays = 0 }, new() { MaximumIntervalDays = 36_501 },
            new() { LearningSteps = [TimeSpan.Zero] }, new() { RelearningSteps = [TimeSpan.FromDays(1)] }, new() { LearningSteps = [Minutes(10), Minutes(5)] },
        ])
            Should.Throw<ArgumentException>(() => new FsrsScheduler(FsrsWeights.Default, wrong));
    }

    [Fact]
    public void A_decision_allocates_nothing()
    {
        var card = Default.Review(FsrsCard.New, Rating.Easy, 0).Card;
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1_000; i++)
            card = Default.Offer(card, i % 40, (ulong)i)[(Rating)(1 + i % 4)].Card;
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);
        card.Memory.Stability.ShouldBeGreaterThan(0);
    }

    private static TimeSpan Minutes(double minutes) => TimeSpan.FromMinutes(minutes);

    private static TimeSpan[] Waits(Offers offers) => [offers.Again.Wait, offers.Hard.Wait, offers.Good.Wait, offers.Easy.Wait];

    /// <summary>Each review exactly when it is due.</summary>
    private static List<Offer> Intervals(FsrsScheduler scheduler, IEnumerable<Rating> ratings)
    {
        var offers = new List<Offer>();
        foreach (var rating in ratings)
            offers.Add(offers.Count == 0 ? scheduler.Review(FsrsCard.New, rating, 0) : scheduler.Review(offers[^1].Card, rating, offers[^1].ScheduledDays));
        return offers;
    }
}
