namespace Mneme.Scheduling.Fsrs.Fitting;

/// <summary>How well weights predict reviews.</summary>
/// <param name="Reviews">How many reviews were predicted.</param>
/// <param name="LogLoss">Mean cross entropy, without weights; smaller is better. NaN without reviews.</param>
/// <param name="RmseBins">
/// Root of the mean squared difference between predicted and real share remembered over bins of reviews alike in gap, number of reviews and lapses; smaller is better. NaN without reviews.
/// </param>
/// <param name="Auc">The probability that a review remembered was given more than one forgotten; larger is better. NaN unless there are both.</param>
public sealed record Accuracy(int Reviews, double LogLoss, double RmseBins, double Auc)
{
    /// <summary>Predicts every review that comes at least a day after one of the same card, and compares.</summary>
    /// <param name="model">The model that predicts.</param>
    /// <param name="log">The reviews.</param>
    public static Accuracy Of(FsrsModel model, ReviewLog log)
    {
        var histories = log.Histories;
        var (predicted, remembered) = (new List<double>(histories.Reviews), new List<bool>(histories.Reviews));
        var bins = new Dictionary<(int Gap, int Length, int Lapses), (int Count, double Predicted, int Remembered)>();
        var loss = 0.0;
        for (var card = 0; card < histories.Count; card++)
        {
            var (memory, gaps, lapses) = (default(MemoryState), 0, 0);
            for (var i = histories.Starts[card]; i < histories.Starts[card + 1]; i++)
            {
                var (rating, days) = (histories.Ratings[i], histories.ElapsedDays[i]);
                if (i == histories.Starts[card])
                {
                    memory = model.First(rating);
                    continue;
                }

                if (days > 0)
                {
                    gaps++;
                    if (log.IsPredicted(card, i))
                    {
                        var (r, isRemembered) = (model.Retrievability(days, memory.Stability), rating > Rating.Again);
                        predicted.Add(r);
                        remembered.Add(isRemembered);
                        loss -= Math.Log(isRemembered ? r : 1 - r);
                        var bin = Bin(days, gaps + 1, lapses);
                        var sum = bins.GetValueOrDefault(bin);
                        bins[bin] = (sum.Count + 1, sum.Predicted + r, sum.Remembered + (isRemembered ? 1 : 0));
                    }

                    lapses += rating == Rating.Again ? 1 : 0;
                }

                memory = model.Next(memory, days, rating);
            }
        }

        var squares = bins.Values.Sum(bin => Math.Pow((bin.Predicted - bin.Remembered) / bin.Count, 2) * bin.Count);
        return new Accuracy(predicted.Count, loss / predicted.Count, Math.Sqrt(squares / predicted.Count), AreaUnderCurve([.. predicted], [.. remembered]));
    }

    /// <summary>The bins of the open-spaced-repetition benchmark, evenly wide in the logarithm.</summary>
    /// <param name="days">Days since the review before.</param>
    /// <param name="length">Reviews with a gap before them so far, and one.</param>
    /// <param name="lapses">How many of them were forgotten.</param>
    internal static (int Gap, int Length, int Lapses) Bin(int days, int length, int lapses) =>
        (Bin(2.48, 3.62, days, 100), Bin(1.99, 1.89, length, 1), lapses == 0 ? 0 : Bin(1.65, 1.73, lapses, 1));

    private static int Bin(double factor, double growth, int value, double scale) => (int)Math.Round(factor * Math.Pow(growth, Math.Floor(Math.Log(value) / Math.Log(growth))) * scale);

    /// <summary>By the sum of ranks, those of equal predictions shared.</summary>
    internal static double AreaUnderCurve(double[] predicted, bool[] remembered)
    {
        Array.Sort(predicted, remembered);
        var (ranks, positives) = (0.0, 0L);
        for (var i = 0; i < predicted.Length;)
        {
            var (start, tied) = (i, 0);
            for (; i < predicted.Length && predicted[i] == predicted[start]; i++)
                tied += remembered[i] ? 1 : 0;
            ranks += tied * ((start + 1 + i) / 2.0);
            positives += tied;
        }

        return (ranks - positives * (positives + 1) / 2.0) / ((double)positives * (predicted.Length - positives));
    }
}
