using System.Text.Json.Nodes;
using Mneme.Contracts.Study;
using Mneme.Platform.Messaging;
using static Mneme.IntegrationTests.Capture.CaptureApi;

namespace Mneme.IntegrationTests.Capture;

[Collection(CaptureTests.Name)]
public sealed class ContentEventTests(CaptureApplication capture)
{
    [Fact]
    public async Task A_processed_capture_names_its_topic_however_often_it_is_said()
    {
        using var person = capture.NewPerson();
        var id = IdOf(await person.CreateAsync());
        var processed = Processed(person, id, attempt: 1);
        await capture.App.DeliverAsync(processed, times: 50);
        await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => capture.App.DeliverAsync(processed)));
        var now = await person.GetAsync(id);
        now["status"]!.GetValue<string>().ShouldBe("PROCESSED");
        now["topicId"]!.GetValue<Guid>().ShouldBe(processed.TopicId);
        now["failureReason"].ShouldBeNull();
        now["version"]!.GetValue<long>().ShouldBe(2);
    }

    [Fact]
    public async Task A_failed_capture_gives_the_reason_however_often_it_is_said()
    {
        using var person = capture.NewPerson();
        var id = IdOf(await person.CreateAsync());
        await capture.App.DeliverAsync(Failed(person, id, 1, "The text is too short to learn from."), times: 50);
        var now = await person.GetAsync(id);
        now["status"]!.GetValue<string>().ShouldBe("FAILED");
        now["topicId"].ShouldBeNull();
        now["failureReason"]!.GetValue<string>().ShouldBe("The text is too short to learn from.");
        now["version"]!.GetValue<long>().ShouldBe(2);
    }

    [Fact]
    public async Task An_answer_to_an_earlier_attempt_is_ignored()
    {
        using var person = capture.NewPerson();
        var id = IdOf(await person.CreateAsync());
        await capture.App.DeliverAsync(Failed(person, id, 1, "No."));
        await person.StatusAsync(HttpMethod.Post, $"captures/{id}/retry");
        await capture.App.DeliverAsync(Processed(person, id, attempt: 1));
        await capture.App.DeliverAsync(Failed(person, id, 1, "Late."));
        Status(await person.GetAsync(id)).ShouldBe("PENDING");

        var second = Processed(person, id, attempt: 2);
        await capture.App.DeliverAsync(second);
        await capture.App.DeliverAsync(Failed(person, id, 2, "Contradiction."));
        await capture.App.DeliverAsync(Failed(person, id, 1, "Later still."));
        var now = await person.GetAsync(id);
        Status(now).ShouldBe("PROCESSED");
        now["topicId"]!.GetValue<Guid>().ShouldBe(second.TopicId);
    }

    [Fact]
    public async Task A_success_outweighs_a_failure_of_the_same_attempt_in_either_order()
    {
        using var person = capture.NewPerson();
        foreach (var failureFirst in new[] { true, false })
        {
            var id = IdOf(await person.CreateAsync());
            object[] said = failureFirst ? [Failed(person, id, 1, "No."), Processed(person, id, 1)] : [Processed(person, id, 1), Failed(person, id, 1, "No.")];
            foreach (var e in said)
                await capture.App.DeliverAsync((IIntegrationEvent)e);
            Status(await person.GetAsync(id)).ShouldBe("PROCESSED");
        }
    }

    [Fact]
    public async Task What_is_said_of_a_capture_under_another_persons_name_is_ignored()
    {
        using var person = capture.NewPerson();
        using var stranger = capture.NewPerson();
        var id = IdOf(await person.CreateAsync());
        await capture.App.DeliverAsync(Processed(stranger, id, 1));
        await capture.App.DeliverAsync(Processed(person, Guid.NewGuid(), 1));
        Status(await person.GetAsync(id)).ShouldBe("PENDING");
    }

    [Fact]
    public async Task An_answer_and_the_persons_own_changes_at_the_same_time_all_take_effect()
    {
        using var person = capture.NewPerson();
        var id = IdOf(await person.CreateAsync());
        var changes = Enumerable.Range(0, 10).Select(async i =>
            (int)await person.StatusAsync(HttpMethod.Patch, $"captures/{id}", new { tags = new[] { $"tag{i}" } })).ToList();
        await capture.App.DeliverAsync(Processed(person, id, 1));
        (await Task.WhenAll(changes)).ShouldAllBe(status => status == 200);
        var now = await person.GetAsync(id);
        Status(now).ShouldBe("PROCESSED");
        now["version"]!.GetValue<long>().ShouldBe(12);
    }

    private static string Status(JsonNode capture) => capture["status"]!.GetValue<string>();

    private static ContentProcessed Processed(CaptureApi person, Guid id, int attempt) => new(person.UserId, id, attempt, Guid.NewGuid(), "A topic", 4, "offline", 1);

    private static ContentFailed Failed(CaptureApi person, Guid id, int attempt, string reason) => new(person.UserId, id, attempt, reason, 1);
}
