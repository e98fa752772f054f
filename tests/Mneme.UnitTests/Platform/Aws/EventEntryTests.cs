using System.Text.Json;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using Mneme.Platform.Aws;
using Mneme.Platform.Aws.Client;
using Mneme.Platform.Aws.Events;
using Mneme.Platform.Messaging;

namespace Mneme.UnitTests.Platform.Aws;

public sealed class EventEntryTests
{
    private static readonly Config Repeatable = Config.QuickThrowOnFailure.WithReplay(20_261_121, 7).WithQuietOnSuccess(true);
    private static readonly AwsNames Names = new(new MessagingOptions(), new AwsOptions());

    [Fact]
    public void An_event_is_a_CloudEvent_in_EventBridges_envelope()
    {
        var envelope = Envelope("{\"a\":1}");

        var json = JsonNode.Parse(JsonSerializer.Serialize(EventEntry.Of(envelope, Names), AwsCall.JsonOptions))!.AsObject();

        json.Select(member => member.Key).ShouldBe(["EventBusName", "Source", "DetailType", "Detail", "Time"]);
        (json["EventBusName"]!.GetValue<string>(), json["Source"]!.GetValue<string>(), json["DetailType"]!.GetValue<string>()).ShouldBe(("mneme", "mneme", "sample.v1"));
        json["Time"]!.GetValue<double>().ShouldBe(1_767_225_600.25);
        CloudEvents.Read(json["Detail"]!.GetValue<string>()).ShouldBe(envelope);
    }

    // Time, source and type are 14, 5 and 9 bytes.
    [Fact]
    public void The_size_is_what_EventBridge_counts() => new EventEntry("mneme", "mneme", "sample.v1", "{\"ä\":1}", 0).Size.ShouldBe(14 + 5 + 9 + 8);

    [Fact]
    public void An_event_that_is_too_large_is_written_with_fewer_escapes()
    {
        var small = EventEntry.Of(Envelope(JsonSerializer.Serialize(new string('я', 1_000))), Names);
        var large = EventEntry.Of(Envelope(JsonSerializer.Serialize(new string('я', 100_000))), Names);

        small.Size.ShouldBeInRange(6_000, 7_000);
        large.Size.ShouldBeInRange(200_000, 201_000);
        JsonSerializer.Deserialize<string>(CloudEvents.Read(large.Detail).Data).ShouldBe(new string('я', 100_000));
    }

    [Fact]
    public void Batches_keep_everything_in_order_and_within_the_limits() => Prop.ForAll(
        Gen.Choose(1, EventEntry.MaxSize - 100).ArrayOf().ToArbitrary(),
        sizes =>
        {
            var entries = sizes.Select((size, i) => new EventEntry("bus", "s", "t", new string('x', i % 3 == 0 ? size : size % 5_000), i)).ToList();
            var batches = EventEntry.Batches(entries).ToList();
            batches.SelectMany(batch => batch).ShouldBe(entries);
            batches.ShouldAllBe(batch => batch.Count >= 1 && batch.Count <= 10 && batch.Sum(entry => entry.Size) <= EventEntry.MaxSize);
            // None is cut short: the next one's first would not have gone in.
            batches.Zip(batches.Skip(1)).ShouldAllBe(pair => pair.First.Count == 10 || pair.First.Sum(entry => entry.Size) + pair.Second[0].Size > EventEntry.MaxSize);
        }).Check(Repeatable);

    private static EventEnvelope Envelope(string data) =>
        new(Guid.CreateVersion7(), "sample.v1", "sample-events", "sample", Guid.NewGuid(), new DateTimeOffset(2026, 1, 1, 0, 0, 0, 250, TimeSpan.Zero), TraceParent: null, data);
}
