using Mneme.IntegrationTests.Support;

namespace Mneme.IntegrationTests.Brokers;

public sealed class RedisTests(RedisBroker broker, SharedApplication shared) : TransportConformance<RedisBroker>(broker, shared);
