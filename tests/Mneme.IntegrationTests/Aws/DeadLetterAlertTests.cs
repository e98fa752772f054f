using Mneme.IntegrationTests.Platform.Probe;
using Mneme.IntegrationTests.Support;
using Mneme.Platform.Messaging;

namespace Mneme.IntegrationTests.Aws;

/// <summary>Notices to an SNS topic when events die. Events of other tests die too and are counted with these.</summary>
public sealed class DeadLetterAlertTests(SharedApplication shared) : IAsyncLifetime
{
    private const string Topic = "arn:aws:sns:eu-central-1:123456789012:mneme-alerts";

    private readonly AwsStandIn _aws = new();

    public async ValueTask InitializeAsync() => await _aws.StartAsync();

    public ValueTask DisposeAsync() => _aws.DisposeAsync();

    [Fact]
    public async Task The_topic_is_told_of_an_event_that_died_and_of_what_to_do()
    {
        await using var probe = await ProbeApplication.StartAsync(
            shared, settings: [("Aws:EndpointUrl", _aws.Address.ToString()), ("Aws:Region", AwsStandIn.Region), ("Aws:AlertTopic", Topic)]);
        probe.Control.Failing["poison"] = true;

        await probe.App.PublishAsync([EventEnvelope.Of(new ProbeHappened(Guid.NewGuid(), "poison"), "probe", probe.App.Clock.GetUtcNow(), traceParent: null)]);

        await Eventually.TrueAsync(() => Task.FromResult(!_aws.Others.Notices.IsEmpty), "the topic is told");
        var (topic, subject, message) = _aws.Others.Notices.First();
        (topic, subject).ShouldBe((Topic, "Mneme: events became dead letters"));
        message.ShouldMatch(@"became dead letters: .*[a-z]+ \d+.*\n.*mneme dead-letters list");
    }
}
