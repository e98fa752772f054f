using System.Numerics;

namespace Mneme.Progress.Domain;

/// <summary>
/// A range of points whose profiles are counted together, so that a rank needs no count over everybody. A bucket is as wide as its points are many:
/// at most a 64th of its lower bound, and 1 below 128. So there are 64 for each doubling of points (about 1,200 up to a hundred million), none holds more
/// than a sliver of the people however their points are spread, and somebody with many points changes bucket seldom.
/// </summary>
/// <param name="Start">Lower bound, the bucket's name.</param>
/// <param name="End">Upper bound, exclusive.</param>
internal readonly record struct RankBucket(long Start, long End)
{
    private const int PrecisionBits = 6;

    /// <param name="points">From 0.</param>
    public static RankBucket Of(long points)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(points);
        var width = 1L << Math.Max(0, BitOperations.Log2((ulong)points) - PrecisionBits);
        var start = points & -width;
        return new RankBucket(start, start + width);
    }

    /// <summary>All buckets from 0 to that of <paramref name="points"/>.</summary>
    public static IEnumerable<RankBucket> UpTo(long points)
    {
        for (var bucket = Of(0); bucket.Start <= points; bucket = Of(bucket.End))
            yield return bucket;
    }
}
