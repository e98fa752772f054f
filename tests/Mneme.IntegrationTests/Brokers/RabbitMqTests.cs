using Mneme.IntegrationTests.Support;

namespace Mneme.IntegrationTests.Brokers;

public sealed class RabbitMqTests(RabbitMqServer broker, SharedApplication shared) : TransportConformance<RabbitMqServer>(broker, shared);
