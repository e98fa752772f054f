using Mneme.Platform.Hosting;

namespace Mneme.UnitTests.Platform.Hosting;

public sealed class LoopbackPortTests
{
    [Theory]
    [InlineData(32_768, 60_999, 10_000, 32_767)] // Linux' default
    [InlineData(10_240, 40_000, 40_001, 65_535)]
    [InlineData(1024, 65_535, 65_536, 65_535)] // none is left: the system chooses
    public void Ports_are_chosen_outside_of_those_that_the_system_gives_to_outgoing_connections(int first, int last, int lowest, int highest) =>
        LoopbackPort.Choice((first, last)).ShouldBe((lowest, highest));

    [Fact]
    public void Each_port_is_given_once_and_none_of_the_systems_own()
    {
        var (first, last) = LoopbackPort.SystemRange();

        var ports = Enumerable.Range(0, 200).Select(_ => LoopbackPort.Free()).ToList();

        ports.ShouldBeUnique();
        if (first - 10_000 >= 1000)
            ports.ShouldAllBe(port => port < first || port > last);
    }
}
