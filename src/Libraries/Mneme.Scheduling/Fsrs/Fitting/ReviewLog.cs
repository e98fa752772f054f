using System.Runtime.InteropServices;

namespace Mneme.Scheduling.Fsrs.Fitting;

/// <summary>One review, as a log has it.</summary>
/// <param name="Card">The card, numbered from 0.</param>
/// <param name="TimeMilliseconds">When, in Unix milliseconds; orders the reviews.</param>
/// <param name="Rating">How it went.</param>
/// <param name="ElapsedDays">Whole days since the card's review before, 0 on the same day; of a card's first review not looked at.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct LoggedReview(int Card, long TimeMilliseconds, Rating Rating, int ElapsedDays);

/// <summary>A learner's reviews by card and time. Those that come at least a day after the card's review before can be predicted, and are what weights are fitted to and judged by.</summary>
public sealed class ReviewLog
{
    private static readonly ReviewLog Empty = new(new ReviewHistories([0], [], []), [], []);

    private readonly bool[] _isContext;

    private ReviewLog(ReviewHistories histories, long[] times, bool[] isContext) => (Histories, Times, _isContext) = (histories, times, isContext);

    /// <summary>The reviews, card by card.</summary>
    public ReviewHistories Histories { get; }

    internal long[] Times { get; }

    /// <param name="reviews">The reviews in any order.</param>
    /// <param name="cards">How many cards there are.</param>
    /// <exception cref="ArgumentException">A review is none that can be.</exception>
    public static ReviewLog Create(ReadOnlySpan<LoggedReview> reviews, int cards) => Empty.Continue(reviews, cards);

    /// <summary>Divides reviews by time, so that weights fitted to the earlier ones can be judged by the later ones, each of which is predicted from all before it.</summary>
    /// <param name="reviews">The reviews in any order.</param>
    /// <param name="cards">How many cards there are.</param>
    /// <param name="share">The share of the earlier ones, 0 to 1.</param>
    /// <exception cref="ArgumentException">A review is none that can be, or the share is out of its range.</exception>
    public static (ReviewLog Earlier, ReviewLog Later) SplitByTime(ReadOnlySpan<LoggedReview> reviews, int cards, double share)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(share);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(share, 1);
        var all = reviews.ToArray();
        Array.Sort(all, (a, b) => a.TimeMilliseconds.CompareTo(b.TimeMilliseconds));
        var earlier = (int)(all.Length * share);
        var first = Create(all.AsSpan(0, earlier), cards);
        return (first, first.Continue(all.AsSpan(earlier), cards));
    }

    /// <summary>A log of later reviews, which has these as context: they are only there for what comes after them, and are neither fitted to nor judged by.</summary>
    /// <param name="later">The later reviews in any order. Those up to a card's last review here are passed over: they are taken to be here too.</param>
    /// <param name="cards">How many cards there are, at least as many as here.</param>
    /// <exception cref="ArgumentException">A review is none that can be.</exception>
    public ReviewLog Continue(ReadOnlySpan<LoggedReview> later, int cards)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(cards, Histories.Count);
        var starts = new int[cards + 1];
        for (var card = 0; card < Histories.Count; card++)
            starts[card + 1] = Histories.Length(card);
        foreach (ref readonly var review in later)
            starts[review.Card + 1] += IsNew(review) ? 1 : 0;
        for (var i = 1; i < starts.Length; i++)
            starts[i] += starts[i - 1];
        var (times, ratings, days, context) = (new long[starts[^1]], new Rating[starts[^1]], new int[starts[^1]], new bool[starts[^1]]);
        var next = starts.AsSpan(0, cards).ToArray();
        for (var card = 0; card < Histories.Count; card++)
        {
            var (from, length) = (Histories.Starts[card], Histories.Length(card));
            Array.Copy(Times, from, times, next[card], length);
            Array.Copy(Histories.Ratings, from, ratings, next[card], length);
            Array.Copy(Histories.ElapsedDays, from, days, next[card], length);
            context.AsSpan(next[card], length).Fill(true);
            next[card] += length;
        }

        foreach (ref readonly var review in later)
        {
            if (!IsNew(review))
                continue;
            // Logs are mostly in order already: each goes in before those of its card that are later.
            var at = next[review.Card]++;
            for (; at > starts[review.Card] && times[at - 1] > review.TimeMilliseconds; at--)
                (times[at], ratings[at], days[at]) = (times[at - 1], ratings[at - 1], days[at - 1]);
            (times[at], ratings[at], days[at]) = (review.TimeMilliseconds, review.Rating, review.ElapsedDays);
        }

        return new ReviewLog(new ReviewHistories(starts, ratings, days), times, context);
    }

    /// <summary>Whether a review comes at least a day after one of the same card, and is not only context.</summary>
    internal bool IsPredicted(int card, int review) => review > Histories.Starts[card] && Histories.ElapsedDays[review] > 0 && !_isContext[review];

    private bool IsNew(in LoggedReview review) =>
        review.Card >= Histories.Count || Histories.Length(review.Card) == 0 || review.TimeMilliseconds > Times[Histories.Starts[review.Card + 1] - 1];
}
