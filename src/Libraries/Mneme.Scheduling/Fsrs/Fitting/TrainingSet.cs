namespace Mneme.Scheduling.Fsrs.Fitting;

/// <summary>
/// What fsrs-rs makes of a log before it fits: cards whose first gap is an outlier are left out, and recent reviews count more. A card's predictable reviews are items that
/// share one pass over its history.
/// </summary>
internal sealed class TrainingSet
{
    /// <summary>Later reviews of a card are not fitted to.</summary>
    public const int LongestSequence = 256;

    private const int LeastRemoved = 20;
    private const int SharePerGroup = 20;
    private const int SmallGroup = 6;
    private const int LongestFirstGap = 100;
    private const int LongestFirstGapAfterEasy = 365;

    private TrainingSet(ReviewHistories histories, float[] weights, int items, List<FirstGap>[] gaps, double averageRecall, int[] cards, int weighted)
    {
        (Histories, Weights, Items, FirstGaps, AverageRecall, Cards, Weighted) = (histories, weights, items, gaps, averageRecall, cards, weighted);
    }

    public ReviewHistories Histories { get; }

    /// <summary>How much each review counts; 0 if it is not fitted to.</summary>
    public float[] Weights { get; }

    /// <summary>How many reviews can be predicted and are no outliers.</summary>
    public int Items { get; }

    /// <summary>How many of them are fitted to.</summary>
    public int Weighted { get; }

    /// <summary>Cards with at least one review that is fitted to.</summary>
    public int[] Cards { get; }

    /// <summary>For each first rating (index 0 is Again): how the first review after a gap went, by its length.</summary>
    public List<FirstGap>[] FirstGaps { get; }

    /// <summary>Share of all predictable reviews that were remembered.</summary>
    public double AverageRecall { get; }

    public static TrainingSet Create(ReviewLog log)
    {
        var histories = log.Histories;
        var (gaps, recalled, predictable) = (new Dictionary<(Rating First, int Days), FirstGap>(), 0, 0);
        for (var card = 0; card < histories.Count; card++)
        {
            var isFirst = true;
            for (var i = histories.Starts[card]; i < histories.Starts[card + 1]; i++)
            {
                if (!log.IsPredicted(card, i))
                    continue;
                predictable++;
                var remembered = histories.Ratings[i] > Rating.Again ? 1 : 0;
                recalled += remembered;
                if (isFirst)
                {
                    var key = (histories.Ratings[histories.Starts[card]], histories.ElapsedDays[i]);
                    var gap = gaps.GetValueOrDefault(key);
                    gaps[key] = new FirstGap(key.Item2, gap.Count + 1, gap.Remembered + remembered);
                    isFirst = false;
                }
            }
        }

        var kept = KeptGaps(gaps);
        var items = KeptItems(log, predictable, kept);
        Array.Sort([.. items.Select(i => log.Times[i])], items);
        var weights = new float[histories.Reviews];
        for (var i = 0; i < items.Length; i++)
        {
            var age = items.Length > 1 ? i / (items.Length - 1.0) : 0;
            weights[items[i]] = (float)(0.25 + 0.75 * age * age * age);
        }

        var cards = new List<int>();
        var weighted = 0;
        for (var card = 0; card < histories.Count; card++)
        {
            var (start, before) = (histories.Starts[card], weighted);
            for (var i = start; i < histories.Starts[card + 1]; i++)
            {
                if (i - start >= LongestSequence)
                    weights[i] = 0;
                weighted += weights[i] > 0 ? 1 : 0;
            }

            if (weighted > before)
                cards.Add(card);
        }

        return new TrainingSet(histories, weights, items.Length, kept, predictable > 0 ? (double)recalled / predictable : 0, [.. cards], weighted);
    }

    /// <summary>The reviews to fit to: those of cards whose first gap was kept.</summary>
    private static int[] KeptItems(ReviewLog log, int predictable, List<FirstGap>[] kept)
    {
        var sets = kept.Select(gaps => gaps.Select(gap => gap.Days).ToHashSet()).ToArray();
        var histories = log.Histories;
        var items = new List<int>(predictable);
        for (var card = 0; card < histories.Count; card++)
        {
            bool? isKept = null;
            for (var i = histories.Starts[card]; i < histories.Starts[card + 1]; i++)
            {
                if (!log.IsPredicted(card, i))
                    continue;
                isKept ??= sets[(int)histories.Ratings[histories.Starts[card]] - 1].Contains(histories.ElapsedDays[i]);
                if (isKept.Value)
                    items.Add(i);
            }
        }

        return [.. items];
    }

    /// <summary>
    /// Of each first rating the rarest gaps go until 5 % of the cards (at least 20) are gone; of the others those that are both rare and long. What people
    /// forgot for a year tells more of their holidays than of their memory.
    /// </summary>
    private static List<FirstGap>[] KeptGaps(Dictionary<(Rating First, int Days), FirstGap> gaps)
    {
        var kept = new List<FirstGap>[4];
        for (var rating = 1; rating <= 4; rating++)
        {
            var groups = gaps.Where(pair => (int)pair.Key.First == rating).Select(pair => pair.Value).OrderBy(gap => gap.Count).ThenBy(gap => gap.Days).ToList();
            var limit = Math.Max(LeastRemoved, groups.Sum(gap => gap.Count) / SharePerGroup);
            var removed = 0;
            var longest = rating == (int)Rating.Easy ? LongestFirstGapAfterEasy : LongestFirstGap;
            kept[rating - 1] = [];
            foreach (var gap in groups)
            {
                if (removed + gap.Count < limit)
                    removed += gap.Count;
                else if (gap.Count >= SmallGroup && gap.Days <= longest)
                    kept[rating - 1].Add(gap);
            }
        }

        return kept;
    }
}

/// <summary>How the first review after a gap went.</summary>
/// <param name="Days">Length of the gap.</param>
/// <param name="Count">Cards with that gap.</param>
/// <param name="Remembered">How many of them were remembered.</param>
internal readonly record struct FirstGap(int Days, int Count, int Remembered);
