using Mneme.Progress.Domain;

namespace Mneme.UnitTests.Progress;

public sealed class RankBucketTests
{
    [Fact]
    public void Buckets_follow_each_other_without_gap_or_overlap()
    {
        long expected = 0;
        foreach (var bucket in RankBucket.UpTo(1_000_000))
        {
            bucket.Start.ShouldBe(expected);
            bucket.End.ShouldBeGreaterThan(bucket.Start);
            expected = bucket.End;
        }

        expected.ShouldBeGreaterThan(1_000_000);
    }

    [Fact]
    public void Every_number_of_points_lies_in_its_bucket()
    {
        for (long points = 0; points < 300_000; points++)
        {
            var bucket = RankBucket.Of(points);
            (bucket.Start <= points && points < bucket.End).ShouldBeTrue($"{points} in {bucket}");
            RankBucket.Of(bucket.Start).ShouldBe(bucket);
            RankBucket.Of(bucket.End - 1).ShouldBe(bucket);
        }
    }

    [Theory]
    [InlineData(0, 0, 1)]
    [InlineData(127, 127, 128)]
    [InlineData(128, 128, 130)]
    [InlineData(129, 128, 130)]
    [InlineData(1000, 1000, 1008)]
    [InlineData(999_990, 999_424, 1_007_616)]
    public void A_bucket_is_at_most_a_64th_of_its_lower_bound_wide(long points, long start, long end) =>
        RankBucket.Of(points).ShouldBe(new RankBucket(start, end));

    [Fact]
    public void A_hundred_million_points_need_few_buckets() => RankBucket.UpTo(100_000_000).Count().ShouldBeLessThan(1500);
}
