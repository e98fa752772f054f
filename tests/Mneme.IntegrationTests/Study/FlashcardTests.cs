using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Mneme.Contracts.Study;
using Mneme.IntegrationTests.Support;

namespace Mneme.IntegrationTests.Study;

public sealed class FlashcardTests(SharedApplication shared)
{
    private TestApplication App => shared.App;

    [Fact]
    public async Task A_new_card_is_due_at_once_and_normal()
    {
        using var learner = new StudyApi(App);
        var topic = await learner.CreateTopicAsync();
        var response = await learner.Http.PostAsJsonAsync("flashcards", new { front = "Hund", back = "dog", topicId = topic, hint = "barks", tags = new[] { " animals ", "animals", "a1" } });
        var location = response.Headers.Location!;
        var card = await StudyApi.ReadAsync(response, HttpStatusCode.Created);

        location.ToString().ShouldBe($"/api/v1/flashcards/{card.GetProperty("id").GetGuid()}");
        card.GetProperty("tags").EnumerateArray().Select(tag => tag.GetString()).ShouldBe(["animals", "a1"]);
        card.GetProperty("hint").GetString().ShouldBe("barks");
        card.GetProperty("interval").GetInt32().ShouldBe(0);
        card.GetProperty("easeFactor").GetDecimal().ShouldBe(2.5m);
        card.GetProperty("difficulty").GetString().ShouldBe("NORMAL");
        card.GetProperty("origin").GetString().ShouldBe("MANUAL");
        card.GetProperty("nextReview").GetDateTimeOffset().ShouldBe(card.GetProperty("createdAt").GetDateTimeOffset());
        card.GetRawText().ShouldBe((await learner.GetAsync($"flashcards/{card.GetProperty("id").GetGuid()}")).GetRawText());
    }

    public static TheoryData<string> InvalidCards =>
    [
        """{"back": "b", "topicId": "TOPIC"}""",
        """{"front": " ", "back": "b", "topicId": "TOPIC"}""",
        """{"front": "f", "back": "\n\t", "topicId": "TOPIC"}""",
        $$"""{"front": "{{new string('x', 10_001)}}", "back": "b", "topicId": "TOPIC"}""",
        $$"""{"front": "f", "back": "b", "topicId": "TOPIC", "hint": "{{new string('x', 1_001)}}"}""",
        """{"front": "f", "back": "b", "topicId": "TOPIC", "tags": [" "]}""",
        """{"front": "f", "back": "b", "topicId": "TOPIC", "tags": [""]}""",
        $$"""{"front": "f", "back": "b", "topicId": "TOPIC", "tags": ["{{new string('x', 51)}}"]}""",
        $$"""{"front": "f", "back": "b", "topicId": "TOPIC", "tags": [{{string.Join(",", Enumerable.Range(0, 21).Select(i => $"\"t{i}\""))}}]}""",
        """{"front": "f", "back": "b"}""",
        """{"front": "f\u0000", "back": "b", "topicId": "TOPIC"}""",
    ];

    [Theory]
    [MemberData(nameof(InvalidCards))]
    public async Task Bad_input_is_refused_and_changes_nothing(string body)
    {
        using var learner = new StudyApi(App);
        var topic = await learner.CreateTopicAsync();
        using var content = new StringContent(body.Replace("TOPIC", topic.ToString(), StringComparison.Ordinal), System.Text.Encoding.UTF8, "application/json");
        (await learner.Http.PostAsync("flashcards", content)).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await Ids(learner, "flashcards")).ShouldBeEmpty();
    }

    [Fact]
    public async Task The_longest_texts_allowed_are_kept()
    {
        using var learner = new StudyApi(App);
        var side = string.Concat(Enumerable.Repeat("😀ä", 3_333)) + "x";
        side.Length.ShouldBe(10_000);
        var card = await learner.CreateCardAsync(await learner.CreateTopicAsync(), front: side, back: side, tags: [.. Enumerable.Range(0, 20).Select(i => new string((char)('a' + i), 50))]);
        (await learner.GetAsync($"flashcards/{card}")).GetProperty("front").GetString().ShouldBe(side);
    }

    [Fact]
    public async Task Cards_are_listed_by_topic_and_tag_page_by_page()
    {
        using var learner = new StudyApi(App);
        var (geography, history) = (await learner.CreateTopicAsync("Geography"), await learner.CreateTopicAsync("History"));
        var cards = new List<Guid>();
        for (var i = 0; i < 5; i++)
            cards.Add(await learner.CreateCardAsync(i < 3 ? geography : history, front: $"{i}", tags: i % 2 == 0 ? ["even"] : ["odd"]));

        (await Ids(learner, $"flashcards?topicId={geography}")).ShouldBe(cards[..3]);
        (await Ids(learner, "flashcards?tag=even")).ShouldBe([cards[0], cards[2], cards[4]]);
        (await Ids(learner, $"flashcards?topicId={geography}&tag=odd")).ShouldBe([cards[1]]);
        (await Ids(learner, "flashcards?limit=2")).ShouldBe(cards);
        (await learner.Http.GetAsync($"flashcards?topicId={Guid.NewGuid()}")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Due_cards_come_in_due_order_and_reviewed_ones_do_not_come()
    {
        using var learner = new StudyApi(App);
        var topic = await learner.CreateTopicAsync();
        var cards = new List<Guid>();
        for (var i = 0; i < 7; i++)
            cards.Add(await learner.CreateCardAsync(topic, front: $"{i}"));
        // The same moment for several of them: ties are in order of id.
        await App.QueryAsync<object>("study", "update flashcards set due_at = now() - interval '1 day' where user_id = $1 and id = any($2)", learner.UserId, new[] { cards[3], cards[4], cards[5] });
        await learner.ReviewAsync(cards[1], 4);

        (await Ids(learner, "flashcards/due")).ShouldBe([cards[3], cards[4], cards[5], cards[0], cards[2], cards[6]]);
        (await Ids(learner, "flashcards/due?limit=2")).ShouldBe([cards[3], cards[4], cards[5], cards[0], cards[2], cards[6]]);
        (await learner.GetAsync("flashcards/due?limit=1")).GetProperty("items").GetArrayLength().ShouldBe(1);
    }

    [Theory]
    [InlineData("flashcards/due?limit=0")]
    [InlineData("flashcards/due?limit=101")]
    [InlineData("flashcards/due?cursor=%21")]
    [InlineData("flashcards/due?cursor=YWJj")]
    [InlineData("flashcards/due?cursor=OTk5OTk5OTk5OTk5OTk5OTk5OTo3")]
    [InlineData("flashcards?topicId=7")]
    [InlineData("flashcards?cursor=YWJj")]
    [InlineData("flashcards?tag=%00")]
    public async Task A_wrong_limit_or_cursor_is_refused(string path)
    {
        using var learner = new StudyApi(App);
        (await learner.Http.GetAsync(path)).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task Replacing_a_card_removes_what_is_left_out_and_changing_it_keeps_that()
    {
        using var learner = new StudyApi(App);
        var (topic, other) = (await learner.CreateTopicAsync(), await learner.CreateTopicAsync("Other"));
        var card = await learner.CreateCardAsync(topic, tags: ["a"]);
        await learner.ReviewAsync(card, 5);

        var changed = await StudyApi.ReadAsync(await StudyApi.SendAsync(learner.Http, HttpMethod.Patch, $"flashcards/{card}", new { hint = "Seine", topicId = other }), HttpStatusCode.OK);
        changed.GetProperty("back").GetString().ShouldBe("Paris");
        changed.GetProperty("hint").GetString().ShouldBe("Seine");
        changed.GetProperty("topicId").GetGuid().ShouldBe(other);
        changed.GetProperty("tags").GetArrayLength().ShouldBe(1);
        changed.GetProperty("version").GetInt64().ShouldBe(3);

        var replaced = await StudyApi.ReadAsync(await StudyApi.SendAsync(learner.Http, HttpMethod.Put, $"flashcards/{card}", new { front = "F", back = "B", topicId = topic }), HttpStatusCode.OK);
        replaced.GetProperty("hint").ValueKind.ShouldBe(JsonValueKind.Null);
        replaced.GetProperty("tags").GetArrayLength().ShouldBe(0);
        replaced.GetProperty("repetitions").GetInt32().ShouldBe(1);
        replaced.GetProperty("easeFactor").GetDecimal().ShouldBe(2.6m);
        replaced.GetRawText().ShouldBe((await learner.GetAsync($"flashcards/{card}")).GetRawText());
        (await StudyApi.SendAsync(learner.Http, HttpMethod.Patch, $"flashcards/{card}", new { front = "  " })).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await StudyApi.SendAsync(learner.Http, HttpMethod.Patch, $"flashcards/{card}", new { topicId = Guid.NewGuid() })).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task An_update_of_an_older_version_is_refused()
    {
        using var learner = new StudyApi(App);
        var card = await learner.CreateCardAsync(await learner.CreateTopicAsync());
        using var read = await learner.Http.GetAsync($"flashcards/{card}");
        var tag = read.Headers.ETag!.Tag;
        (await StudyApi.SendAsync(learner.Http, HttpMethod.Patch, $"flashcards/{card}", new { back = "one" }, ifMatch: tag)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await StudyApi.SendAsync(learner.Http, HttpMethod.Patch, $"flashcards/{card}", new { back = "two" }, ifMatch: tag)).StatusCode.ShouldBe(HttpStatusCode.PreconditionFailed);
        (await StudyApi.SendAsync(learner.Http, HttpMethod.Delete, $"flashcards/{card}", ifMatch: tag)).StatusCode.ShouldBe(HttpStatusCode.PreconditionFailed);
        (await learner.GetAsync($"flashcards/{card}")).GetProperty("back").GetString().ShouldBe("one");
    }

    [Fact]
    public async Task Reviews_and_changes_at_the_same_time_are_all_kept()
    {
        using var learner = new StudyApi(App);
        var card = await learner.CreateCardAsync(await learner.CreateTopicAsync());
        var reviews = Enumerable.Range(0, 10).Select(_ => learner.ReviewAsync(card, 4));
        var changes = Enumerable.Range(0, 10).Select(async i =>
            await StudyApi.ReadAsync(await StudyApi.SendAsync(learner.Http, HttpMethod.Patch, $"flashcards/{card}", new { hint = $"{i}" }), HttpStatusCode.OK));
        await Task.WhenAll(reviews.Concat(changes));

        var read = await learner.GetAsync($"flashcards/{card}");
        read.GetProperty("version").GetInt64().ShouldBe(21);
        read.GetProperty("repetitions").GetInt32().ShouldBe(10);
    }

    [Fact]
    public async Task A_deleted_card_is_gone_and_its_end_is_published()
    {
        await StudyEvents.KeepAsync(App);
        using var learner = new StudyApi(App);
        var card = await learner.CreateCardAsync(await learner.CreateTopicAsync());
        (await learner.Http.DeleteAsync($"flashcards/{card}")).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await learner.Http.GetAsync($"flashcards/{card}")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await learner.Http.DeleteAsync($"flashcards/{card}")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await StudyEvents.OfAsync<FlashcardDeleted>(App, learner.UserId)).ShouldBe([new FlashcardDeleted(learner.UserId, card, 2)]);
    }

    [Fact]
    public async Task A_stranger_finds_nothing()
    {
        using var owner = new StudyApi(App);
        using var stranger = new StudyApi(App);
        var topic = await owner.CreateTopicAsync();
        var card = await owner.CreateCardAsync(topic);
        var own = await stranger.CreateCardAsync(await stranger.CreateTopicAsync());

        (await stranger.Http.GetAsync($"flashcards/{card}")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await StudyApi.SendAsync(stranger.Http, HttpMethod.Put, $"flashcards/{card}", new { front = "f", back = "b", topicId = topic })).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await StudyApi.SendAsync(stranger.Http, HttpMethod.Patch, $"flashcards/{card}", new { front = "f" })).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await stranger.Http.DeleteAsync($"flashcards/{card}")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await stranger.Http.GetAsync($"flashcards?topicId={topic}")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await stranger.Http.PostAsJsonAsync("flashcards", new { front = "f", back = "b", topicId = topic })).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await StudyApi.SendAsync(stranger.Http, HttpMethod.Patch, $"flashcards/{own}", new { topicId = topic })).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await Ids(stranger, "flashcards")).ShouldBe([own]);
        (await Ids(stranger, "flashcards/due")).ShouldBe([own]);
        (await owner.GetAsync($"flashcards/{card}")).GetProperty("version").GetInt64().ShouldBe(1);
    }

    /// <summary>All ids of a list, page by page.</summary>
    internal static async Task<List<Guid>> Ids(StudyApi learner, string path)
    {
        var ids = new List<Guid>();
        string? cursor = null;
        do
        {
            var page = await learner.GetAsync(cursor is null ? path : $"{path}{(path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}cursor={cursor}");
            ids.AddRange(page.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("id").GetGuid()));
            cursor = page.GetProperty("nextCursor").GetString();
        }
        while (cursor is not null);
        return ids;
    }
}
