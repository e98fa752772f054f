using System.Text.Json.Nodes;
using Mneme.Platform.Aws;
using Mneme.Platform.Aws.Events;
using Mneme.Platform.Messaging;

namespace Mneme.UnitTests.Platform.Aws;

public sealed class AwsNamesTests
{
    private static readonly QueueArn Queue = QueueArn.Parse("arn:aws:sqs:eu-central-1:123456789012:mneme-progress");

    [Fact]
    public void A_rules_name_is_its_route() => Names().Rule("progress", "flashcard.reviewed.v1").ShouldBe("mneme-progress-flashcard.reviewed.v1");

    [Fact]
    public void A_rules_name_that_is_too_long_is_cut_and_still_its_own()
    {
        var names = Names(prefix: new string('p', 40));

        var some = new[] { "flashcard.review-undone.v1", "flashcard.review-undone.v2", "flashcard.reviewed.v1" }.Select(type => names.Rule("progress", type)).ToList();

        some.ShouldAllBe(name => name.Length <= 64);
        some.ShouldBeUnique();
        names.Rule("progress", "flashcard.reviewed.v1").ShouldBe(some[2], "each process makes the same of it");
    }

    [Theory]
    [InlineData(null, "arn:aws:events:eu-central-1:123456789012:rule/mneme/mneme-*")]
    [InlineData("shared", "arn:aws:events:eu-central-1:123456789012:rule/shared/mneme-*")]
    [InlineData("default", "arn:aws:events:eu-central-1:123456789012:rule/mneme-*")]
    public void Only_this_installations_rules_may_send(string? bus, string rules)
    {
        var statement = JsonNode.Parse(Names(bus: bus).Policy(Queue))!["Statement"]!.AsArray().ShouldHaveSingleItem()!;

        statement["Principal"]!.ToJsonString().ShouldBe("""{"Service":"events.amazonaws.com"}""");
        statement["Resource"]!.GetValue<string>().ShouldBe("arn:aws:sqs:eu-central-1:123456789012:mneme-progress");
        statement["Condition"]!["ArnLike"]!["aws:SourceArn"]!.GetValue<string>().ShouldBe(rules);
    }

    [Fact]
    public void FIFO_queues_are_named_so()
    {
        var names = Names(fifo: true);
        (names.Queue("progress"), names.Dead, names.Unreadable, names.Undelivered).ShouldBe(("mneme-progress.fifo", "mneme-dead.fifo", "mneme-unreadable", "mneme-undelivered"));
    }

    [Fact]
    public void What_is_no_ARN_of_a_queue_is_refused() => Should.Throw<FormatException>(() => QueueArn.Parse("arn:aws:sns:eu-central-1:123456789012:topic"));

    private static AwsNames Names(string prefix = "mneme", string? bus = null, bool fifo = false) =>
        new(new MessagingOptions { Prefix = prefix }, new AwsOptions { EventBus = bus, Fifo = fifo });
}
