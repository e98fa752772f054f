using FsCheck;
using FsCheck.Fluent;
using Mneme.Scheduling.Fsrs;

namespace Mneme.UnitTests.Scheduling.Fsrs;

public sealed class FsrsProperties
{
    private static readonly Config Repeatable = Config.QuickThrowOnFailure.WithReplay(20_261_121, 9).WithMaxTest(500).WithQuietOnSuccess(true);

    private static readonly Arbitrary<int> Seeds = Gen.Choose(0, int.MaxValue - 1).ToArbitrary();

    [Fact]
    public void A_better_rating_never_waits_less() => Prop.ForAll(Seeds, seed => Every(seed, (offers, _) =>
        offers.Again.Wait <= offers.Hard.Wait && offers.Hard.Wait <= offers.Good.Wait && offers.Good.Wait <= offers.Easy.Wait && offers.Easy.ScheduledDays >= 1)).Check(Repeatable);

    [Fact]
    public void In_review_good_waits_a_day_longer_than_hard_and_easy_than_good() => Prop.ForAll(Seeds, seed => Every(seed, (offers, card) =>
        card.State != CardState.Review
        || (offers.Good.ScheduledDays >= Math.Min(offers.Hard.ScheduledDays + 1, FsrsSettings.LongestIntervalDays)
            && offers.Easy.ScheduledDays >= Math.Min(offers.Good.ScheduledDays + 1, FsrsSettings.LongestIntervalDays)))).Check(Repeatable);

    [Fact]
    public void Memory_and_interval_stay_within_their_bounds() => Prop.ForAll(Seeds, seed => Every(seed, (offers, _) =>
        Enum.GetValues<Rating>().All(rating =>
            offers[rating].Card.Memory is { Stability: >= 0.001 and <= 36_500, Difficulty: >= 1 and <= 10 } && offers[rating].ScheduledDays <= FsrsSettings.LongestIntervalDays))).Check(Repeatable);

    [Fact]
    public void The_four_offers_are_what_each_rating_gives_alone() => Prop.ForAll(Seeds, seed =>
    {
        var random = new Random(seed);
        var model = new FsrsModel(RandomHistories.Weights(random), random.Next(2) == 0);
        var (ratings, days) = RandomHistories.History(random, 12);
        var memory = model.Replay(ratings, days);
        var elapsed = random.Next(60);
        model.NextAll(memory, elapsed, out var again, out var hard, out var good, out var easy);
        return new[] { again, hard, good, easy }.SequenceEqual(Enum.GetValues<Rating>().Select(rating => model.Next(memory, elapsed, rating)));
    }).Check(Repeatable);

    [Fact]
    public void Fuzz_stays_within_its_range_and_the_maximum() => Prop.ForAll(Gen.Choose(1, 36_500).ToArbitrary(), Gen.Choose(1, 36_500).ToArbitrary(), Seeds, (interval, maximum, seed) =>
    {
        var limited = Math.Min(interval, maximum);
        var fuzzed = Fuzz.Apply(limited, Fuzz.Unit((ulong)seed), maximum);
        var delta = 1 + 0.15 * Math.Clamp(limited - 2.5, 0, 4.5) + 0.10 * Math.Clamp(limited - 7, 0, 13) + 0.05 * Math.Max(limited - 20, 0);
        return fuzzed <= maximum && (limited < 2.5 ? fuzzed == limited : fuzzed >= Math.Min(2, maximum) && Math.Abs(fuzzed - limited) <= delta + 0.5);
    }).Check(Repeatable);

    [Fact]
    public void Remembering_after_longer_makes_a_memory_no_less_stable() => Prop.ForAll(Seeds, seed =>
    {
        var random = new Random(seed);
        var model = new FsrsModel(RandomHistories.Weights(random));
        var (ratings, days) = RandomHistories.History(random, 12);
        var memory = model.Replay(ratings, days);
        var elapsed = random.Next(1, 400);
        return model.Next(memory, elapsed, Rating.Good).Stability <= model.Next(memory, elapsed + 1, Rating.Good).Stability
            && model.Retrievability(elapsed, memory.Stability) > model.Retrievability(elapsed + 1, memory.Stability);
    }).Check(Repeatable);

    /// <summary>Whether a property holds of every offer of a random history under random weights and settings.</summary>
    private static bool Every(int seed, Func<Offers, FsrsCard, bool> property)
    {
        var random = new Random(seed);
        var settings = new FsrsSettings
        {
            ShortTerm = random.Next(3) > 0,
            DesiredRetention = 0.7 + random.NextDouble() * 0.29,
            LearningSteps = random.Next(3) == 0 ? [] : new FsrsSettings().LearningSteps,
            RelearningSteps = random.Next(3) == 0 ? [] : new FsrsSettings().RelearningSteps,
        };
        var scheduler = new FsrsScheduler(RandomHistories.Weights(random), settings);
        var (ratings, days) = RandomHistories.History(random, 30);
        var card = FsrsCard.New;
        for (var i = 0; i < ratings.Length; i++)
        {
            var offers = scheduler.Offer(card, days[i], random.Next(2) == 0 ? (ulong)random.NextInt64() : null);
            if (!property(offers, card))
                return false;
            card = offers[ratings[i]].Card;
        }

        return true;
    }
}
