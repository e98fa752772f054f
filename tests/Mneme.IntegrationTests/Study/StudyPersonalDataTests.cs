using Microsoft.Extensions.DependencyInjection;
using Mneme.Contracts.Capture;
using Mneme.Contracts.Identity;
using Mneme.IntegrationTests.Support;
using Mneme.Platform.Security;

namespace Mneme.IntegrationTests.Study;

public sealed class StudyPersonalDataTests(SharedApplication shared)
{
    private TestApplication App => shared.App;

    [Fact]
    public async Task The_export_holds_topics_cards_and_every_review()
    {
        using var learner = new StudyApi(App);
        await App.DeliverAsync(new UserRegistered(learner.UserId, "a@b.c", "A", "USER", "Europe/Berlin", "de", false, 1));
        var card = await learner.CreateCardAsync(await learner.CreateTopicAsync("Exported"));
        await learner.ReviewAsync(card, 4, durationMs: 1234);

        var export = (await ExportAsync(learner.UserId))!;
        export["timeZone"]!.GetValue<string>().ShouldBe("Europe/Berlin");
        export["topics"]!.AsArray().ShouldHaveSingleItem()!["name"]!.GetValue<string>().ShouldBe("Exported");
        export["flashcards"]!.AsArray().ShouldHaveSingleItem()!["back"]!.GetValue<string>().ShouldBe("Paris");
        var review = export["reviews"]!.AsArray().ShouldHaveSingleItem()!;
        review["kind"]!.GetValue<string>().ShouldBe("REVIEW");
        review["quality"]!.GetValue<int>().ShouldBe(4);
        review["durationMs"]!.GetValue<int>().ShouldBe(1234);
    }

    [Fact]
    public async Task Nothing_is_exported_of_somebody_unknown() => (await ExportAsync(Guid.NewGuid())).ShouldBeNull();

    [Fact]
    public async Task Erasure_leaves_nothing_of_the_person_and_everything_of_others()
    {
        using var leaving = new StudyApi(App);
        using var staying = new StudyApi(App);
        foreach (var learner in (StudyApi[])[leaving, staying])
        {
            await App.DeliverAsync(new UserRegistered(learner.UserId, "a@b.c", "A", "USER", "Europe/Berlin", "de", false, 1));
            await learner.ReviewAsync(await learner.CreateCardAsync(await learner.CreateTopicAsync()), 4);
            await App.DeliverAsync(new ContentDeleted(learner.UserId, Guid.NewGuid(), 1));
        }

        await App.DeliverAsync(new UserDeleted(leaving.UserId, 2), times: 50);
        foreach (var table in (string[])["learners", "topics", "flashcards", "review_log", "captured_texts"])
        {
            (await App.QueryAsync<long>("study", $"select count(*) from {table} where user_id = $1", leaving.UserId)).ShouldBe(0, table);
            (await App.QueryAsync<long>("study", $"select count(*) from {table} where user_id = $1", staying.UserId)).ShouldBe(1, table);
        }

        await App.DeliverAsync(new UserUpdated(leaving.UserId, "a@b.c", "A", "USER", "Europe/Berlin", "de", false, 3));
        (await App.QueryAsync<long>("study", "select count(*) from learners where user_id = $1", leaving.UserId)).ShouldBe(0);
    }

    private async Task<System.Text.Json.Nodes.JsonNode?> ExportAsync(Guid userId)
    {
        await using var scope = App.Services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredKeyedService<IPersonalData>("study").ExportAsync(userId, CancellationToken.None);
    }
}
