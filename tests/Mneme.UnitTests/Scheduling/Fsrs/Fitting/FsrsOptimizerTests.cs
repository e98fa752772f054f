using System.Runtime.InteropServices;
using Mneme.Scheduling.Fsrs;
using Mneme.Scheduling.Fsrs.Fitting;
using Mneme.Scheduling.Fsrs.Simulation;

namespace Mneme.UnitTests.Scheduling.Fsrs.Fitting;

public sealed class FsrsOptimizerTests
{
    private static readonly FsrsWeights Known = FsrsWeights.Create(
    [
        0.6, 2.1, 4.2, 14, 6.0, 0.7, 2.4, 0.02, 1.5, 0.2, 1.1, 1.8, 0.08, 0.32, 1.9, 0.5, 2.2, 0.6, 0.15, 0.12, 0.22,
    ]);

    private static readonly FsrsModel Model = new(FsrsWeights.Default);

    [Fact]
    public void Known_weights_are_found_again_from_a_simulated_learner()
    {
        var learner = new SimulatedLearner { Weights = Known, Cards = 6_000, Days = 500, Seed = 11 };
        var fit = FsrsOptimizer.Fit(Log(learner.Reviews()), new FitSettings());
        fit.Extent.ShouldBe(FitExtent.All);
        // The stabilities after the first review within a fifth, that of the rare Easy within a third; the shape of forgetting within 0.06.
        for (var rating = 0; rating < 4; rating++)
            fit.Weights.Values[rating].ShouldBe(Known.Values[rating], Known.Values[rating] * (rating == 3 ? 0.33 : 0.2), $"w{rating}");
        fit.Weights.Values[20].ShouldBe(Known.Values[20], 0.06);

        // The others make up for each other, so what counts is what they predict: within 0.0015 of the log loss of the truth, and most of the way there from the defaults.
        var unseen = Log((learner with { Seed = 12, Cards = 3_000 }).Reviews());
        var (truth, found, defaults) = (LogLoss(Known, unseen), LogLoss(fit.Weights, unseen), LogLoss(FsrsWeights.Default, unseen));
        found.ShouldBeLessThan(truth + 0.0015);
        (found - truth).ShouldBeLessThan((defaults - truth) * 0.2);
    }

    [Fact]
    public void The_same_log_gives_the_same_weights_in_whatever_order_its_reviews_come()
    {
        var reviews = new SimulatedLearner { Cards = 200, Seed = 3 }.Reviews();
        var first = FsrsOptimizer.Fit(Log(reviews), new FitSettings()).Weights.Values.ToArray();
        FsrsOptimizer.Fit(Log([.. reviews.OrderBy(review => review.TimeMilliseconds)]), new FitSettings()).Weights.Values.ToArray().ShouldBe(first);
        first.ShouldNotBe(FsrsWeights.Default.Values.ToArray());
    }

    [Theory]
    [InlineData(0, FitExtent.Defaults)]
    [InlineData(2, FitExtent.Defaults)]
    [InlineData(40, FitExtent.FirstStabilities)]
    [InlineData(400, FitExtent.All)]
    public void Few_reviews_allow_little(int cards, FitExtent extent)
    {
        var fit = FsrsOptimizer.Fit(Log(Simple(cards)), new FitSettings(), revision: 4);
        fit.Extent.ShouldBe(extent);
        fit.Weights.Values[..4].SequenceEqual(FsrsWeights.Default.Values[..4]).ShouldBe(extent == FitExtent.Defaults);
        fit.Weights.Values[4..].SequenceEqual(FsrsWeights.Default.Values[4..]).ShouldBe(extent != FitExtent.All);
        fit.Weights.Set.ShouldBe(extent == FitExtent.Defaults ? ParameterSet.Default : new ParameterSet(6, 4));
    }

    [Fact]
    public void Progress_goes_from_0_to_1_and_a_fit_can_be_cancelled()
    {
        var log = Log(new SimulatedLearner { Cards = 400 }.Reviews());
        var shares = new List<double>();
        FsrsOptimizer.Fit(log, new FitSettings(), progress: new Told(shares.Add));
        shares.ShouldBeInOrder();
        shares[^1].ShouldBe(1);
        shares.Count.ShouldBeGreaterThan(5);

        using var source = new CancellationTokenSource();
        Should.Throw<OperationCanceledException>(() => FsrsOptimizer.Fit(log, new FitSettings(), progress: new Told(_ => source.Cancel()), ct: source.Token));
    }

    [Fact]
    public void Rare_and_long_first_gaps_are_left_out_and_recent_reviews_count_more()
    {
        // 400 cards whose first gap is 2 days, one of 3, one of 300.
        var reviews = new List<LoggedReview>();
        for (var card = 0; card < 402; card++)
        {
            var gap = card switch { 400 => 3, 401 => 300, _ => 2 };
            reviews.Add(new LoggedReview(card, card, Rating.Good, 0));
            reviews.Add(new LoggedReview(card, 1_000 + card, Rating.Good, gap));
        }

        var training = TrainingSet.Create(Log(reviews));
        training.Items.ShouldBe(400);
        training.FirstGaps[2].ShouldBe([new FirstGap(2, 400, 400)]);
        training.AverageRecall.ShouldBe(1);
        (training.Weights[1], training.Weights[799], training.Weights[801], training.Weights[0]).ShouldBe((0.25f, 1f, 0f, 0f));
    }

    [Fact]
    public void Reviews_beyond_256_of_a_card_and_those_of_context_are_not_fitted_to()
    {
        var reviews = Enumerable.Range(0, 300).Select(i => new LoggedReview(0, i, Rating.Good, 3)).ToList();
        reviews.AddRange(Simple(30));
        var training = TrainingSet.Create(Log(reviews));
        (training.Items, training.Weighted).ShouldBe((299 + 30 + 6, 255 + 30 + 6));
        var continued = Log(reviews).Continue([new(0, 400, Rating.Good, 3), new(31, 401, Rating.Good, 0), .. reviews], 32);
        (TrainingSet.Create(continued).Items, continued.Histories.Reviews).ShouldBe((0, reviews.Count + 2));
        Accuracy.Of(Model, continued).Reviews.ShouldBe(1);
    }

    [Fact]
    public void The_search_for_a_first_stability_is_the_published_one()
    {
        var vector = Vectors.Get("init_stability_search");
        var (days, recall, counts) = (vector.Integers("delta_t"), vector.Numbers("recall"), vector.Integers("count"));
        foreach (var at in vector.GetProperty("loss_at").EnumerateObject())
        {
            var s = double.Parse(at.Name, System.Globalization.CultureInfo.InvariantCulture);
            var loss = Enumerable.Range(0, 5).Sum(i => FirstStability.LogLoss(days[i], recall[i], counts[i], s)) + Math.Abs(s - 0.212) / 16;
            loss.ShouldBe(at.Value.GetDouble(), 1e-5);
        }

        var gaps = Enumerable.Range(0, 5).Select(i => new FirstGap(days[i], counts[i], (int)Math.Round(recall[i] * counts[i]))).ToList();
        FirstStability.Search(gaps, vector.Number("average_recall"), 0.212).ShouldBe(vector.Number("expect_s0"), 1e-5);
    }

    [Fact]
    public void First_stabilities_are_filled_in_as_published()
    {
        foreach (var c in Vectors.Get("smooth_and_fill").GetProperty("cases").EnumerateArray())
        {
            var known = Enumerable.Range(1, 4).Select(rating => c.GetProperty("in").TryGetProperty(rating.ToString(), out var s) ? s.GetDouble() : double.NaN).ToArray();
            FirstStability.SmoothAndFill(known, [1, 1, 1, 1]).ShouldBeWithin(c.Numbers("out"), 1e-6);
        }
    }

    [Fact]
    public void Filled_in_stabilities_satisfy_both_relations_whichever_are_known()
    {
        // Two numbers determine all four.
        var all = FirstStability.SmoothAndFill([double.NaN, 1.5, 3, double.NaN], [0, 1, 1, 0]);
        for (var missing = 1; missing < 16; missing++)
        {
            if (int.PopCount(missing) > 2)
                continue;
            var known = all.Select((s, i) => (missing & (1 << i)) != 0 ? double.NaN : s).ToArray();
            FirstStability.SmoothAndFill(known, [1, 1, 1, 1]).ShouldBeWithin(all, 1e-9);
        }

        FirstStability.SmoothAndFill([5, 2, 3, 4], [10, 9, 8, 7]).ShouldBe([5, 5, 5, 5]);
        FirstStability.SmoothAndFill([5, 2, 3, 4], [1, 10, 10, 10]).ShouldBe([2, 2, 3, 4]);
    }

    [Fact]
    public void Steps_shorten_along_the_published_cosine()
    {
        var vector = Vectors.Get("cosine_lr");
        var steps = vector.Numbers("steps");
        for (var i = 0; i <= 5; i++)
            Adam.Rate(vector.Number("init_lr"), i / 5.0).ShouldBe(steps[i], 1e-12);
    }

    [Theory]
    [InlineData(0, 512, 0.04, 1)]
    [InlineData(5, 0, 0.04, 1)]
    [InlineData(5, 512, 0, 1)]
    [InlineData(5, 512, 0.04, -1)]
    public void Settings_out_of_range_are_refused(int epochs, int batch, double rate, double penalty) => Should.Throw<ArgumentOutOfRangeException>(() =>
        FsrsOptimizer.Fit(Log([]), new FitSettings { Epochs = epochs, BatchSize = batch, LearningRate = rate, Penalty = penalty }));

    [Fact]
    public void Accuracy_is_computed_as_defined()
    {
        Accuracy.AreaUnderCurve([0.1, 0.4, 0.35, 0.8], [false, false, true, true]).ShouldBe(0.75);
        Accuracy.AreaUnderCurve([0.5, 0.5, 0.5], [false, true, true]).ShouldBe(0.5);
        Accuracy.Bin(1, 2, 0).ShouldBe((248, 4, 0));
        Accuracy.Bin(30, 8, 2).ShouldBe((3250, 13, 3));

        // One card, rated Good; 2 days later remembered, 5 days later forgotten.
        var log = Log([new(0, 1, Rating.Good, 0), new(0, 2, Rating.Good, 2), new(0, 3, Rating.Again, 5)]);
        var first = Model.First(Rating.Good);
        var (r1, r2) = (Model.Retrievability(2, first.Stability), Model.Retrievability(5, Model.Next(first, 2, Rating.Good).Stability));
        var accuracy = Accuracy.Of(Model, log);
        accuracy.Reviews.ShouldBe(2);
        accuracy.LogLoss.ShouldBe(-(Math.Log(r1) + Math.Log(1 - r2)) / 2, 1e-12);
        accuracy.RmseBins.ShouldBe(Math.Sqrt(((1 - r1) * (1 - r1) + r2 * r2) / 2), 1e-12);
        accuracy.Auc.ShouldBe(r1 > r2 ? 1 : 0);
        Accuracy.Of(Model, Log([])).LogLoss.ShouldBe(double.NaN);
    }

    [Fact]
    public void Weights_fitted_to_earlier_reviews_predict_later_ones_better()
    {
        var reviews = new SimulatedLearner { Weights = Known, Cards = 1_500 }.Reviews();
        var (earlier, later) = ReviewLog.SplitByTime(CollectionsMarshal.AsSpan(reviews), 1_500, 0.8);
        var (all, first, second) = (Accuracy.Of(Model, Log(reviews)).Reviews, Accuracy.Of(Model, earlier).Reviews, Accuracy.Of(Model, later).Reviews);
        (first + second).ShouldBe(all);
        second.ShouldBeInRange(all / 8, all / 3);
        LogLoss(FsrsOptimizer.Fit(earlier, new FitSettings()).Weights, later).ShouldBeLessThan(LogLoss(FsrsWeights.Default, later));
    }

    private static double LogLoss(FsrsWeights weights, ReviewLog log) => Accuracy.Of(new FsrsModel(weights), log).LogLoss;

    private static ReviewLog Log(List<LoggedReview> reviews) =>
        ReviewLog.Create(CollectionsMarshal.AsSpan(reviews), reviews.Count > 0 ? reviews.Max(review => review.Card) + 1 : 0);

    /// <summary>Cards, numbered from 1, of two reviews, and every fifth of a third.</summary>
    private static List<LoggedReview> Simple(int cards)
    {
        var reviews = new List<LoggedReview>();
        for (var card = 1; card <= cards; card++)
        {
            reviews.Add(new LoggedReview(card, card, Rating.Good, 0));
            reviews.Add(new LoggedReview(card, card + 1_000, card % 4 == 0 ? Rating.Again : Rating.Good, 3));
            if (card % 5 == 0)
                reviews.Add(new LoggedReview(card, card + 2_000, Rating.Good, 7));
        }

        return reviews;
    }

    private sealed class Told(Action<double> tell) : IProgress<double>
    {
        public void Report(double value) => tell(value);
    }
}
