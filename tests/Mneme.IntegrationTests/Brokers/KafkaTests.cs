using Mneme.IntegrationTests.Support;

namespace Mneme.IntegrationTests.Brokers;

public sealed class KafkaTests(KafkaCluster broker, SharedApplication shared) : TransportConformance<KafkaCluster>(broker, shared);
