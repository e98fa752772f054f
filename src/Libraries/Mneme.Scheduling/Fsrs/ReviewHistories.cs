using System.Runtime.InteropServices;

namespace Mneme.Scheduling.Fsrs;

/// <summary>The reviews of many cards, one card after the other in three arrays, so that a million reviews take five megabytes.</summary>
public sealed class ReviewHistories
{
    /// <param name="starts">Where each card's reviews begin, from 0, ascending; one more than there are cards: the last is the number of all reviews.</param>
    /// <param name="ratings">The ratings, each card's in the order of time.</param>
    /// <param name="elapsedDays">Whole days since the card's review before, at least 0; that of a card's first review is not looked at.</param>
    /// <exception cref="ArgumentException">The arrays do not fit each other, or hold what no history can.</exception>
    public ReviewHistories(int[] starts, Rating[] ratings, int[] elapsedDays)
    {
        if (starts.Length == 0 || starts[0] != 0 || starts[^1] != ratings.Length || ratings.Length != elapsedDays.Length)
            throw new ArgumentException("The starts must go from 0 to the number of reviews, and each review have a rating and days.", nameof(starts));
        for (var i = 1; i < starts.Length; i++)
        {
            if (starts[i] < starts[i - 1])
                throw new ArgumentException($"Card {i - 1} begins at {starts[i - 1]} and ends at {starts[i]}.", nameof(starts));
        }

        if (MemoryMarshal.AsBytes(ratings.AsSpan()).ContainsAnyExceptInRange((byte)Rating.Again, (byte)Rating.Easy))
            throw new ArgumentException("A rating is 1 (again) to 4 (easy).", nameof(ratings));
        if (elapsedDays.AsSpan().ContainsAnyExceptInRange(0, int.MaxValue))
            throw new ArgumentException("Days between reviews are at least 0.", nameof(elapsedDays));
        (Starts, Ratings, ElapsedDays) = (starts, ratings, elapsedDays);
    }

    /// <summary>How many cards there are.</summary>
    public int Count => Starts.Length - 1;

    /// <summary>How many reviews there are of all cards.</summary>
    public int Reviews => Ratings.Length;

    internal int[] Starts { get; }

    internal Rating[] Ratings { get; }

    internal int[] ElapsedDays { get; }

    internal int Length(int card) => Starts[card + 1] - Starts[card];
}
