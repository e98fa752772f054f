using Mneme.IntegrationTests.Brokers;

namespace Mneme.IntegrationTests.Platform.Asking;

public sealed class RedisAskTests(RedisBroker broker) : BrokerAskTests<RedisBroker>(broker)
{
    /// <summary>Events want a Redis that writes everything to its disk; asks do not, and pay for it if they share it.</summary>
    [Fact]
    [Trait("tier", "soak")]
    public async Task What_an_ask_costs_when_Redis_keeps_nothing_is_written_to_the_output()
    {
        await Broker.Instance.CommandAsync("CONFIG", "SET", "appendonly", "no");
        try
        {
            await What_an_ask_costs_is_written_to_the_output();
        }
        finally
        {
            await Broker.Instance.CommandAsync("CONFIG", "SET", "appendonly", "yes");
        }
    }
}
