using System.Text.Json.Nodes;
using Mneme.Contracts.Capture;
using Mneme.Contracts.Channels;
using Mneme.Contracts.Identity;
using static Mneme.IntegrationTests.Capture.CaptureApi;

namespace Mneme.IntegrationTests.Capture;

/// <summary>Messages of channels become captures.</summary>
[Collection(CaptureTests.Name)]
public sealed class ChannelMessageTests(CaptureApplication capture)
{
    [Fact]
    public async Task A_message_becomes_a_capture_however_often_it_is_told()
    {
        using var person = capture.NewPerson();
        var message = Message(person, "Rivers carry water to the sea.", title: "Rivers");
        await capture.App.DeliverAsync(message, times: 50);
        var item = (await CapturesAsync(person)).ShouldHaveSingleItem();
        (item["type"]!.GetValue<string>(), item["title"]!.GetValue<string>(), item["source"]!.GetValue<string>(), item["excerpt"]!.GetValue<string>())
            .ShouldBe(("TEXT", "Rivers", "Geography", "Rivers carry water to the sea."));
        (await capture.PublishedAsync<ContentCaptured>(IdOf(item), count: 1)).ShouldHaveSingleItem().Text.ShouldBe("Rivers carry water to the sea.");
    }

    [Fact]
    public async Task The_same_text_is_captured_once_whoever_captured_it_first()
    {
        using var person = capture.NewPerson();
        await person.CreateAsync(("content", "Rivers carry water to the sea."));
        await capture.App.DeliverAsync(Message(person, "Rivers  carry water\nto the sea."));
        await capture.App.PublishAsync([
            .. new[] { "Lakes hold water.", "Lakes hold water." }.Select(text =>
                Mneme.Platform.Messaging.EventEnvelope.Of(Message(person, text), "channels", capture.App.Clock.GetUtcNow(), traceParent: null))]);
        (await CapturesAsync(person)).Select(c => c["excerpt"]!.GetValue<string>()).ShouldBe(["Lakes hold water.", "Rivers carry water to the sea."]);
    }

    [Fact]
    public async Task A_full_storage_takes_no_message_and_none_fails_for_it()
    {
        using var person = capture.NewPerson();
        for (var i = 0; i < 5; i++)
            await person.CreateAsync(("content", $"{i}" + new string('x', 190_000)));
        await capture.App.DeliverAsync(Message(person, new string('y', 50_000)));
        (await CapturesAsync(person)).Count.ShouldBe(5);
        (await capture.App.QueryAsync<long>("capture", "select count(*) from failed_deliveries where cloud_event::jsonb ->> 'subject' = $1", person.UserId.ToString())).ShouldBe(0);
    }

    [Fact]
    public async Task A_person_who_left_stays_erased()
    {
        using var person = capture.NewPerson();
        await capture.App.DeliverAsync(new UserDeleted(person.UserId, 2));
        await capture.App.DeliverAsync(Message(person, "Too late"));
        (await capture.ExportAsync(person.UserId)).ShouldBeNull();
    }

    private static async Task<List<JsonNode>> CapturesAsync(CaptureApi person) =>
        [.. (JsonNode.Parse(await person.Http.GetStringAsync("captures?limit=100"))!)["items"]!.AsArray().OfType<JsonNode>()];

    private ChannelMessageReceived Message(CaptureApi person, string text, string? title = null) =>
        new(person.UserId, Guid.NewGuid(), Guid.NewGuid(), "RSS", "Geography", title, text, "https://example.org/", capture.App.Clock.GetUtcNow(), 1);
}
