using Mneme.Progress.Domain;

namespace Mneme.UnitTests.Progress;

public sealed class LevelTests
{
    [Theory]
    [InlineData(0, 1)]
    [InlineData(99, 1)]
    [InlineData(100, 2)]
    [InlineData(299, 2)]
    [InlineData(300, 3)]
    [InlineData(600, 4)]
    [InlineData(1000, 5)]
    [InlineData(4500, 10)]
    [InlineData(122_499, 49)]
    [InlineData(122_500, 50)]
    public void A_level_begins_where_the_table_says(long points, int level) => Level.Of(points).ShouldBe(level);

    [Fact]
    public void Each_level_takes_a_hundred_points_more_than_the_one_before()
    {
        long start = 0;
        for (var level = 1; level <= 20_000; level++)
        {
            Level.StartOf(level).ShouldBe(start);
            Level.Of(start).ShouldBe(level);
            start += level * 100L;
            Level.Of(start - 1).ShouldBe(level);
        }
    }

    [Fact]
    public void The_greatest_number_of_points_has_a_level()
    {
        var level = Level.Of(Level.MaxPoints);
        Level.StartOf(level).ShouldBeLessThanOrEqualTo(Level.MaxPoints);
        Level.StartOf(level + 1).ShouldBeGreaterThan(Level.MaxPoints);
    }

    [Fact]
    public void Negative_points_have_no_level() => Should.Throw<ArgumentOutOfRangeException>(() => Level.Of(-1));
}
