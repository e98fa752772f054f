using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Mneme.Contracts.Study;
using Mneme.IntegrationTests.Support;

namespace Mneme.IntegrationTests.Study;

public sealed class TopicTests(SharedApplication shared)
{
    private TestApplication App => shared.App;

    [Fact]
    public async Task A_topic_is_created_listed_and_read_with_its_counts()
    {
        using var learner = new StudyApi(App);
        var response = await learner.Http.PostAsJsonAsync("topics", new { name = "  Capitals ", description = "of Europe", tags = new[] { "geo" } });
        response.Headers.Location!.ToString().ShouldStartWith("/api/v1/topics/");
        var topic = await StudyApi.ReadAsync(response, HttpStatusCode.Created);
        var id = topic.GetProperty("id").GetGuid();
        topic.GetProperty("name").GetString().ShouldBe("Capitals");
        var cards = new[] { await learner.CreateCardAsync(id), await learner.CreateCardAsync(id), await learner.CreateCardAsync(id) };
        await learner.ReviewAsync(cards[0], 4);
        var empty = await learner.CreateTopicAsync("Empty");

        var listed = (await learner.GetAsync("topics")).GetProperty("items").EnumerateArray().ToList();
        listed.Select(t => t.GetProperty("id").GetGuid()).ShouldBe([id, empty]);
        Counts(listed[0]).ShouldBe((3, 2));
        Counts(listed[1]).ShouldBe((0, 0));
        Counts(await learner.GetAsync($"topics/{id}")).ShouldBe((3, 2));
        (await FlashcardTests.Ids(learner, "topics?limit=1")).ShouldBe([id, empty]);
    }

    [Fact]
    public async Task A_topic_is_renamed_unless_it_changed_meanwhile()
    {
        using var learner = new StudyApi(App);
        var topic = await learner.CreateTopicAsync();
        using var read = await learner.Http.GetAsync($"topics/{topic}");
        var tag = read.Headers.ETag!.Tag;
        using var renamed = await StudyApi.SendAsync(learner.Http, HttpMethod.Patch, $"topics/{topic}", new { name = "Cities", description = "all of them" }, ifMatch: tag);
        renamed.StatusCode.ShouldBe(HttpStatusCode.OK);
        renamed.Headers.ETag!.Tag.ShouldBe("\"2\"");
        (await StudyApi.SendAsync(learner.Http, HttpMethod.Patch, $"topics/{topic}", new { name = "Towns" }, ifMatch: tag)).StatusCode.ShouldBe(HttpStatusCode.PreconditionFailed);
        (await StudyApi.SendAsync(learner.Http, HttpMethod.Delete, $"topics/{topic}", ifMatch: tag)).StatusCode.ShouldBe(HttpStatusCode.PreconditionFailed);
        var now = await learner.GetAsync($"topics/{topic}");
        now.GetProperty("name").GetString().ShouldBe("Cities");
        now.GetProperty("description").GetString().ShouldBe("all of them");
    }

    [Fact]
    public async Task New_counts_are_told_although_the_topic_did_not_change()
    {
        using var learner = new StudyApi(App);
        var topic = await learner.CreateTopicAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, $"topics/{topic}");
        request.Headers.TryAddWithoutValidation("If-None-Match", "\"1\"");
        await learner.CreateCardAsync(topic);
        Counts(await StudyApi.ReadAsync(await learner.Http.SendAsync(request), HttpStatusCode.OK)).ShouldBe((1, 1));
    }

    [Fact]
    public async Task Completed_by_twenty_parallel_calls_it_is_completed_once()
    {
        await StudyEvents.KeepAsync(App);
        using var learner = new StudyApi(App, "America/Los_Angeles");
        var topic = await learner.CreateTopicAsync("Once");
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(async _ =>
            await StudyApi.ReadAsync(await learner.Http.PostAsJsonAsync("topics/complete", new { topicId = topic }), HttpStatusCode.OK)));
        var completedAt = answers.Select(answer => answer.GetProperty("completedAt").GetDateTimeOffset()).Distinct().ShouldHaveSingleItem();
        await StudyApi.SendAsync(learner.Http, HttpMethod.Patch, $"topics/{topic}", new { name = "Renamed" });
        (await StudyApi.ReadAsync(await learner.Http.PostAsJsonAsync("topics/complete", new { topicId = topic }), HttpStatusCode.OK))
            .GetProperty("completedAt").GetDateTimeOffset().ShouldBe(completedAt);

        var published = (await StudyEvents.OfAsync<TopicCompleted>(App, learner.UserId)).ShouldHaveSingleItem();
        var date = DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(completedAt, TimeZoneInfo.FindSystemTimeZoneById("America/Los_Angeles")).DateTime);
        published.ShouldBe(new TopicCompleted(learner.UserId, topic, "Once", completedAt, date, "America/Los_Angeles", 2));
    }

    [Fact]
    public async Task A_deleted_topic_takes_its_cards_along_and_each_end_is_published()
    {
        await StudyEvents.KeepAsync(App);
        using var learner = new StudyApi(App);
        var (topic, other) = (await learner.CreateTopicAsync(), await learner.CreateTopicAsync("Other"));
        var cards = new[] { await learner.CreateCardAsync(topic), await learner.CreateCardAsync(topic) };
        var kept = await learner.CreateCardAsync(other);
        await learner.ReviewAsync(cards[1], 3);

        (await learner.Http.DeleteAsync($"topics/{topic}")).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await learner.Http.GetAsync($"topics/{topic}")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await FlashcardTests.Ids(learner, "flashcards")).ShouldBe([kept]);
        (await StudyEvents.OfAsync<TopicDeleted>(App, learner.UserId)).ShouldBe([new TopicDeleted(learner.UserId, topic, 2)]);
        (await StudyEvents.OfAsync<FlashcardDeleted>(App, learner.UserId)).OrderBy(e => e.Version)
            .ShouldBe([new FlashcardDeleted(learner.UserId, cards[0], 2), new FlashcardDeleted(learner.UserId, cards[1], 3)]);
    }

    [Theory]
    [InlineData(6_000)]
    public async Task Of_a_topic_of_thousands_of_cards_each_end_is_published(int cards)
    {
        await StudyEvents.KeepAsync(App);
        using var learner = new StudyApi(App);
        var topic = await learner.CreateTopicAsync("Imported");
        await App.QueryAsync<object>("study", """
            insert into flashcards (id, user_id, topic_id, due_at, version, ease, interval_days, repetitions, created_at, updated_at, origin, front, back)
            select gen_random_uuid(), $1, $2, now(), n, 250, 0, 0, now(), now(), 'MANUAL', 'f', 'b' from generate_series(1, $3) n
            """, learner.UserId, topic, cards);

        (await learner.Http.DeleteAsync($"topics/{topic}")).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        var ends = await StudyEvents.OfAsync<FlashcardDeleted>(App, learner.UserId);
        ends.Select(end => end.Version).Order().ShouldBe(Enumerable.Range(2, cards).Select(version => (long)version));
        ends.Select(end => end.FlashcardId).Distinct().Count().ShouldBe(cards);
        (await StudyEvents.OfAsync<TopicDeleted>(App, learner.UserId)).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Cards_created_while_their_topic_is_deleted_leave_nothing_behind()
    {
        using var learner = new StudyApi(App);
        var topic = await learner.CreateTopicAsync();
        var creations = Enumerable.Range(0, 10).Select(_ => learner.Http.PostAsJsonAsync("flashcards", new { front = "f", back = "b", topicId = topic }));
        var responses = await Task.WhenAll(creations.Append(learner.Http.DeleteAsync($"topics/{topic}")));
        responses.ShouldAllBe(r => r.StatusCode == HttpStatusCode.Created || r.StatusCode == HttpStatusCode.NotFound || r.StatusCode == HttpStatusCode.NoContent);
        (await FlashcardTests.Ids(learner, "flashcards")).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("""{}""")]
    [InlineData("""{"name": "   "}""")]
    [InlineData("""{"name": "n", "tags": ["a", " "]}""")]
    [InlineData("""{"name": 7}""")]
    public async Task Bad_input_is_refused(string body)
    {
        using var learner = new StudyApi(App);
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        var problem = await StudyApi.ReadAsync(await learner.Http.PostAsync("topics", content), HttpStatusCode.BadRequest);
        problem.GetProperty("errors").EnumerateObject().ShouldNotBeEmpty();
        (await FlashcardTests.Ids(learner, "topics")).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_name_is_at_most_200_characters_long()
    {
        using var learner = new StudyApi(App);
        await learner.CreateTopicAsync(new string('n', 200));
        (await learner.Http.PostAsJsonAsync("topics", new { name = new string('n', 201) })).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task A_stranger_finds_nothing()
    {
        using var owner = new StudyApi(App);
        using var stranger = new StudyApi(App);
        var topic = await owner.CreateTopicAsync();
        (await stranger.Http.GetAsync($"topics/{topic}")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await StudyApi.SendAsync(stranger.Http, HttpMethod.Patch, $"topics/{topic}", new { name = "mine" })).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await stranger.Http.DeleteAsync($"topics/{topic}")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await stranger.Http.PostAsJsonAsync("topics/complete", new { topicId = topic })).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await FlashcardTests.Ids(stranger, "topics")).ShouldBeEmpty();
        (await owner.GetAsync($"topics/{topic}")).GetProperty("completedAt").ValueKind.ShouldBe(JsonValueKind.Null);
    }

    private static (int Cards, int Due) Counts(JsonElement topic) => (topic.GetProperty("cardCount").GetInt32(), topic.GetProperty("dueCount").GetInt32());
}
