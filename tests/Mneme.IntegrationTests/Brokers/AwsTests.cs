using Mneme.IntegrationTests.Support;

namespace Mneme.IntegrationTests.Brokers;

public sealed class AwsTests(AwsBroker broker, SharedApplication shared) : TransportConformance<AwsBroker>(broker, shared);
