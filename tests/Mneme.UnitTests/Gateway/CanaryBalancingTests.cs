using Mneme.Gateway;

namespace Mneme.UnitTests.Gateway;

public sealed class CanaryBalancingTests
{
    private const int People = 20_000;

    [Theory]
    [InlineData(0)]
    [InlineData(0.5)]
    [InlineData(5)]
    [InlineData(50)]
    [InlineData(100)]
    public void About_the_configured_share_of_the_people_gets_the_new_version(double percent)
    {
        var chosen = Persons().Count(person => CanaryBalancing.IsChosen("study", person, percent));

        // Four standard deviations of a binomial distribution; none for nobody and everybody.
        var deviation = 4 * Math.Sqrt(People * (percent / 100) * (1 - percent / 100));
        ((double)chosen).ShouldBeInRange(People * percent / 100 - deviation, People * percent / 100 + deviation);
    }

    [Fact]
    public void Who_gets_it_is_the_same_in_every_process()
    {
        // Pinned: gateways of different versions stand side by side while one is updated.
        var chosen = Enumerable.Range(0, 40).Where(person => CanaryBalancing.IsChosen("study", (UInt128)person, 20));
        string.Join(' ', chosen).ShouldBe("2 3 7 12 14 20 21 22 26 32 35");
    }

    [Fact]
    public void Whoever_gets_it_keeps_it_when_the_share_grows()
    {
        foreach (var person in Persons().Where(person => CanaryBalancing.IsChosen("study", person, 5)))
            CanaryBalancing.IsChosen("study", person, 25).ShouldBeTrue();
    }

    [Fact]
    public void Services_choose_independently_of_each_other()
    {
        var both = Persons().Count(person => CanaryBalancing.IsChosen("study", person, 50) && CanaryBalancing.IsChosen("capture", person, 50));
        ((double)both).ShouldBeInRange(People * 0.25 - 250, People * 0.25 + 250);
    }

    [Fact]
    public void People_whose_ids_are_neighbours_are_spread()
    {
        var chosen = Enumerable.Range(0, People).Count(person => CanaryBalancing.IsChosen("study", (UInt128)person, 10));
        ((double)chosen).ShouldBeInRange(People * 0.1 - 170, People * 0.1 + 170);
    }

    private static IEnumerable<UInt128> Persons()
    {
        var random = new Random(1);
        var bytes = new byte[16];
        for (var i = 0; i < People; i++)
        {
            random.NextBytes(bytes);
            yield return new UInt128(BitConverter.ToUInt64(bytes, 0), BitConverter.ToUInt64(bytes, 8));
        }
    }
}
