namespace Mneme.Scheduling.Fsrs.Fitting;

/// <summary>How weights are fitted. The defaults are those of fsrs-rs.</summary>
public sealed record FitSettings
{
    /// <summary>Times that all reviews are gone through, at least 1.</summary>
    public int Epochs { get; init; } = 5;

    /// <summary>Predicted reviews between two steps, at least 1. Cards stay whole, so that a batch has a few more.</summary>
    public int BatchSize { get; init; } = 512;

    /// <summary>The first step's length, above 0; it falls to 0 along a cosine.</summary>
    public double LearningRate { get; init; } = 0.04;

    /// <summary>How strongly weights are drawn to where they began, at least 0.</summary>
    public double Penalty { get; init; } = 1;

    /// <summary>Whether the model that is fitted tells reviews on the same day from each other.</summary>
    public bool ShortTerm { get; init; } = true;

    /// <summary>Orders the cards: the same seed and log give the same weights.</summary>
    public int Seed { get; init; } = 2023;
}

/// <summary>How far a log allows to fit.</summary>
public enum FitExtent
{
    /// <summary>Fewer than 8 reviews: the defaults.</summary>
    Defaults,

    /// <summary>Fewer than 64: the stabilities after the first review only.</summary>
    FirstStabilities,

    /// <summary>All weights.</summary>
    All,
}

/// <summary>What a fit came to.</summary>
/// <param name="Weights">The weights.</param>
/// <param name="Extent">Which of them were fitted.</param>
/// <param name="Items">How many predicted reviews they were fitted to.</param>
public sealed record FitResult(FsrsWeights Weights, FitExtent Extent, int Items);

/// <summary>
/// Fits the weights of FSRS-6 to a learner's log, as fsrs-rs does: outliers left out, first stabilities by a search of their own, then all weights by Adam (D. Kingma and J. Ba,
/// 2015) on the cross entropy, with recent reviews counting more and weights drawn to the defaults. Deterministic; takes memory in the order of the log.
/// </summary>
public static class FsrsOptimizer
{
    private const int LeastForFirstStabilities = 8;
    private const int LeastForAll = 64;

    /// <summary>How much each weight differs among learners.</summary>
    private static readonly double[] Deviations = [6.43, 9.66, 17.58, 27.85, 0.57, 0.28, 0.6, 0.12, 0.39, 0.18, 0.33, 0.3, 0.09, 0.16, 0.57, 0.25, 1.03, 0.31, 0.32, 0.14, 0.27];

    /// <param name="log">The learner's reviews.</param>
    /// <param name="settings">How to fit.</param>
    /// <param name="revision">The number of the set of weights that results, at least 1.</param>
    /// <param name="progress">Told after each batch what share of the work is done, 0 to 1.</param>
    /// <param name="ct">Ends the fit early.</param>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of its range.</exception>
    /// <exception cref="OperationCanceledException">The fit was ended.</exception>
    public static FitResult Fit(ReviewLog log, FitSettings settings, int revision = 1, IProgress<double>? progress = null, CancellationToken ct = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(settings.Epochs, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(settings.BatchSize, 1);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(settings.LearningRate);
        ArgumentOutOfRangeException.ThrowIfNegative(settings.Penalty);
        var training = TrainingSet.Create(log);
        ct.ThrowIfCancellationRequested();
        if (training.Items < LeastForFirstStabilities)
            return new FitResult(FsrsWeights.Default, FitExtent.Defaults, training.Items);
        var counts = training.FirstGaps.Select(gaps => gaps.Sum(gap => gap.Count)).ToArray();
        var start = FsrsWeights.Default.Values.ToArray();
        FirstStabilities(training, counts).CopyTo(start, 0);
        if (training.Items < LeastForAll || training.Items == counts.Sum())
            return new FitResult(FsrsWeights.Create(start, revision), FitExtent.FirstStabilities, training.Items);

        var weights = Descend(training, start, settings, progress, ct);
        FirstStability.SmoothAndFill([.. weights[..4].Select((s, rating) => counts[rating] > 0 ? s : double.NaN)], counts).CopyTo(weights, 0);
        return new FitResult(FsrsWeights.Create(weights, revision), FitExtent.All, training.Items);
    }

    /// <summary>The penalty on weights far from their start, for a batch.</summary>
    /// <param name="share">The batch's share of all items, times the strength.</param>
    /// <param name="gradient">Receives the derivatives in addition.</param>
    internal static double Penalty(ReadOnlySpan<double> weights, ReadOnlySpan<double> start, double share, Span<double> gradient)
    {
        var penalty = 0.0;
        for (var i = 0; i < weights.Length; i++)
        {
            var deviation = (weights[i] - start[i]) / Deviations[i];
            penalty += share * deviation * deviation;
            gradient[i] += 2 * share * deviation / Deviations[i];
        }

        return penalty;
    }

    private static double[] FirstStabilities(TrainingSet training, int[] counts) => FirstStability.SmoothAndFill(
        [.. training.FirstGaps.Select((gaps, rating) => gaps.Count > 0 ? FirstStability.Search(gaps, training.AverageRecall, FsrsWeights.Default.Values[rating]) : double.NaN)], counts);

    private static double[] Descend(TrainingSet training, double[] start, FitSettings settings, IProgress<double>? progress, CancellationToken ct)
    {
        var weights = start.ToArray();
        var (cards, random, loss, adam) = (training.Cards.ToArray(), new Random(settings.Seed), new LossGradient(settings.ShortTerm), new Adam());
        var (done, all) = (0L, (double)training.Weighted * settings.Epochs);
        for (var epoch = 0; epoch < settings.Epochs; epoch++)
        {
            random.Shuffle(cards);
            for (var at = 0; at < cards.Length;)
            {
                ct.ThrowIfCancellationRequested();
                loss.Use(weights);
                loss.Clear();
                var items = 0;
                for (; at < cards.Length && items < settings.BatchSize; at++)
                    items += Add(training, cards[at], loss);
                Penalty(weights, start, settings.Penalty * items / training.Weighted, loss.Gradient);
                adam.Step(weights, loss.Gradient, Adam.Rate(settings.LearningRate, done / all));
                Clamp(weights, settings.ShortTerm);
                done += items;
                progress?.Report(done / all);
            }
        }

        return weights;
    }

    /// <returns>How many reviews of the card are fitted to.</returns>
    private static int Add(TrainingSet training, int card, LossGradient loss)
    {
        var (start, length) = (training.Histories.Starts[card], training.Histories.Length(card));
        var weights = training.Weights.AsSpan(start, length);
        loss.Add(training.Histories.Ratings.AsSpan(start, length), training.Histories.ElapsedDays.AsSpan(start, length), weights);
        return length - weights.Count(0f);
    }

    private static void Clamp(double[] weights, bool shortTerm)
    {
        for (var i = 0; i < weights.Length; i++)
            weights[i] = Math.Clamp(weights[i], FsrsWeights.Minimum[i], FsrsWeights.Maximum[i]);
        if (shortTerm)
            weights[19] = Math.Max(weights[19], FsrsModel.MinShortTermDamping);
    }
}
