namespace Mneme.Scheduling.Fsrs.Fitting;

/// <summary>One review, as a log has it.</summary>
/// <param name="Card">The card, numbered from 0.</param>
/// <param name="TimeMilliseconds">When, in Unix milliseconds; orders the reviews.</param>
/// <param name="Rating">How it went.</param>
/// <param name="ElapsedDays">Whole days since the card's review before, 0 on the same day; of a card's first review not looked at.</param>
/// <param name="IsContext">Whether it is only there for what comes after it: it is neither fitted to nor judged by.</param>
public readonly record struct LoggedReview(int Card, long TimeMilliseconds, Rating Rating, int ElapsedDays, bool IsContext = false);

/// <summary>A learner's reviews by card and time. Those that come at least a day after the card's review before can be predicted, and are what weights are fitted to and judged by.</summary>
public sealed class ReviewLog
{
    private readonly bool[] _isContext;

    private ReviewLog(ReviewHistories histories, long[] times, bool[] isContext) => (Histories, Times, _isContext) = (histories, times, isContext);

    /// <summary>The reviews, card by card.</summary>
    public ReviewHistories Histories { get; }

    internal long[] Times { get; }

    /// <param name="reviews">The reviews in any order.</param>
    /// <param name="cards">How many cards there are.</param>
    /// <exception cref="ArgumentException">A review is none that can be.</exception>
    public static ReviewLog Create(ReadOnlySpan<LoggedReview> reviews, int cards)
    {
        var starts = new int[cards + 1];
        foreach (var review in reviews)
            starts[review.Card + 1]++;
        for (var i = 1; i < starts.Length; i++)
            starts[i] += starts[i - 1];
        var (times, ratings, days, context) = (new long[reviews.Length], new Rating[reviews.Length], new int[reviews.Length], new bool[reviews.Length]);
        var next = starts.AsSpan(0, cards).ToArray();
        foreach (var review in reviews)
        {
            // Logs are mostly in order already: each goes in before those of its card that are later.
            var at = next[review.Card]++;
            for (; at > starts[review.Card] && times[at - 1] > review.TimeMilliseconds; at--)
                (times[at], ratings[at], days[at], context[at]) = (times[at - 1], ratings[at - 1], days[at - 1], context[at - 1]);
            (times[at], ratings[at], days[at], context[at]) = (review.TimeMilliseconds, review.Rating, review.ElapsedDays, review.IsContext);
        }

        return new ReviewLog(new ReviewHistories(starts, ratings, days), times, context);
    }

    /// <summary>Divides reviews by time, so that weights fitted to the earlier ones can be judged by the later ones, each of which is predicted from all before it.</summary>
    /// <param name="reviews">The reviews in any order.</param>
    /// <param name="cards">How many cards there are.</param>
    /// <param name="share">The share of the earlier ones, 0 to 1.</param>
    public static (ReviewLog Earlier, ReviewLog Later) SplitByTime(ReadOnlySpan<LoggedReview> reviews, int cards, double share)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(share);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(share, 1);
        var all = reviews.ToArray();
        Array.Sort(all, (a, b) => a.TimeMilliseconds.CompareTo(b.TimeMilliseconds));
        var earlier = (int)(all.Length * share);
        var first = Create(all.AsSpan(0, earlier), cards);
        for (var i = 0; i < earlier; i++)
            all[i] = all[i] with { IsContext = true };
        return (first, Create(all, cards));
    }

    /// <summary>Whether a review comes at least a day after one of the same card, and is not only context.</summary>
    internal bool IsPredicted(int card, int review) => review > Histories.Starts[card] && Histories.ElapsedDays[review] > 0 && !_isContext[review];
}
