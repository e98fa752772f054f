using System.Net;
using System.Net.Http.Json;
using Mneme.Contracts.Study;
using Mneme.IntegrationTests.Support;
using Mneme.Scheduling;

namespace Mneme.IntegrationTests.Study;

public sealed class ReviewFlashcardTests(SharedApplication shared)
{
    private TestApplication App => shared.App;

    [Fact]
    public async Task Perfect_answers_give_the_intervals_of_SM2_and_an_easy_card()
    {
        using var learner = new StudyApi(App);
        var card = await learner.CreateCardAsync(await learner.CreateTopicAsync());
        var intervals = new List<int>();
        for (var i = 0; i < 5; i++)
        {
            var reviewed = await learner.ReviewAsync(card, 5);
            intervals.Add(reviewed.GetProperty("interval").GetInt32());
        }

        intervals.ShouldBe([1, 6, 17, 50, 150]);
        var read = await learner.GetAsync($"flashcards/{card}");
        read.GetProperty("easeFactor").GetDecimal().ShouldBe(3.0m);
        read.GetProperty("repetitions").GetInt32().ShouldBe(5);
        read.GetProperty("difficulty").GetString().ShouldBe("EASY");
        read.GetProperty("front").GetString().ShouldBe("Capital of France?");
        read.GetProperty("version").GetInt64().ShouldBe(6);
    }

    [Fact]
    public async Task The_answer_is_the_card_as_it_is_read_afterwards()
    {
        using var learner = new StudyApi(App);
        var card = await learner.CreateCardAsync(await learner.CreateTopicAsync(), tags: ["geo", "eu"]);
        foreach (var quality in (int[])[3, 1, 4, 2, 5])
        {
            var response = await learner.Http.PostAsJsonAsync("flashcards/review", new { flashcardId = card, quality });
            var tag = response.Headers.ETag!.Tag;
            var answered = await StudyApi.ReadAsync(response, HttpStatusCode.OK);
            answered.GetRawText().ShouldBe((await learner.GetAsync($"flashcards/{card}")).GetRawText());
            tag.ShouldBe($"\"{answered.GetProperty("version").GetInt64()}\"");
        }
    }

    [Theory]
    [InlineData(3, "NORMAL")]
    [InlineData(0, "NORMAL")]
    public async Task A_card_stays_normal_while_its_ease_is_between_2_and_2_50(int quality, string difficulty)
    {
        using var learner = new StudyApi(App);
        var card = await learner.CreateCardAsync(await learner.CreateTopicAsync());
        (await learner.ReviewAsync(card, quality)).GetProperty("difficulty").GetString().ShouldBe(difficulty);
    }

    [Fact]
    public async Task Answers_that_come_with_effort_make_a_card_hard()
    {
        using var learner = new StudyApi(App);
        var card = await learner.CreateCardAsync(await learner.CreateTopicAsync());
        for (var i = 0; i < 3; i++)
            await learner.ReviewAsync(card, 3);
        var reviewed = await learner.ReviewAsync(card, 3);
        reviewed.GetProperty("easeFactor").GetDecimal().ShouldBe(1.94m);
        reviewed.GetProperty("difficulty").GetString().ShouldBe("HARD");
    }

    [Theory]
    [InlineData("Europe/Berlin")]
    [InlineData("Pacific/Auckland")]
    [InlineData("Pacific/Honolulu")]
    public async Task It_is_due_from_the_rollover_of_the_study_day_in_the_persons_zone(string timeZone)
    {
        using var learner = new StudyApi(App, timeZone);
        var card = await learner.CreateCardAsync(await learner.CreateTopicAsync());
        var reviewed = await learner.ReviewAsync(card, 4);

        var zone = TimeZoneInfo.FindSystemTimeZoneById(timeZone);
        var due = TimeZoneInfo.ConvertTime(reviewed.GetProperty("nextReview").GetDateTimeOffset(), zone);
        var studiedOn = TimeZoneInfo.ConvertTime(reviewed.GetProperty("lastReviewedAt").GetDateTimeOffset(), zone).AddHours(-4).Date;
        due.DateTime.ShouldBe(studiedOn.AddDays(1).AddHours(4));
    }

    [Fact]
    public async Task Each_review_is_published_with_the_date_on_the_persons_calendar()
    {
        await StudyEvents.KeepAsync(App);
        using var learner = new StudyApi(App, "Pacific/Kiritimati");
        var topic = await learner.CreateTopicAsync();
        var card = await learner.CreateCardAsync(topic);
        await learner.ReviewAsync(card, 4);

        var published = (await StudyEvents.OfAsync<FlashcardReviewed>(App, learner.UserId)).ShouldHaveSingleItem();
        published.FlashcardId.ShouldBe(card);
        published.TopicId.ShouldBe(topic);
        published.Quality.ShouldBe(4);
        published.Version.ShouldBe(2);
        published.TimeZone.ShouldBe("Pacific/Kiritimati");
        published.LocalDate.ShouldBe(DateOnly.FromDateTime(published.ReviewedAt.ToOffset(TimeSpan.FromHours(14)).DateTime));
        published.ReviewId.ShouldBe(await App.QueryAsync<Guid>("study", "select id from review_log where flashcard_id = $1", card));
    }

    [Fact]
    public async Task Twenty_parallel_reviews_of_one_card_all_count_in_order()
    {
        await StudyEvents.KeepAsync(App);
        using var learner = new StudyApi(App);
        var card = await learner.CreateCardAsync(await learner.CreateTopicAsync());
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => learner.ReviewAsync(card, i % 6, durationMs: i)));

        answers.Select(answer => answer.GetProperty("version").GetInt64()).Order().ShouldBe(Enumerable.Range(2, 20).Select(v => (long)v));
        var log = await ReviewLog.OfAsync(App, card);
        log.Select(entry => entry.Version).ShouldBe(Enumerable.Range(2, 20).Select(v => (long)v));
        log.Select(entry => entry.OccurredAt).ShouldBeInOrder();
        log.Select(entry => entry.DurationMs).Order().ShouldBe(Enumerable.Range(0, 20).Select(i => (int?)i));
        (await StudyEvents.OfAsync<FlashcardReviewed>(App, learner.UserId)).Select(e => e.Version).Order().ShouldBe(log.Select(entry => entry.Version));
        await ShouldBeTheFoldOfItsLogAsync(learner, card, log);
    }

    [Fact]
    public async Task A_card_is_the_fold_of_its_log_whatever_was_answered()
    {
        var random = new Random(20_261_120);
        using var learner = new StudyApi(App);
        var topic = await learner.CreateTopicAsync();
        for (var n = 0; n < 5; n++)
        {
            var card = await learner.CreateCardAsync(topic);
            for (var i = 0; i < 25; i++)
                await learner.ReviewAsync(card, random.Next(10) == 0 ? random.Next(3) : random.Next(3, 6));
            await ShouldBeTheFoldOfItsLogAsync(learner, card, await ReviewLog.OfAsync(App, card));
        }
    }

    [Fact]
    public async Task A_review_repeated_under_its_key_counts_once()
    {
        using var learner = new StudyApi(App);
        var card = await learner.CreateCardAsync(await learner.CreateTopicAsync());
        var key = Guid.NewGuid().ToString();
        var first = await StudyApi.ReadAsync(await StudyApi.SendAsync(learner.Http, HttpMethod.Post, "flashcards/review", new { flashcardId = card, quality = 5 }, key: key), HttpStatusCode.OK);
        var second = await StudyApi.ReadAsync(await StudyApi.SendAsync(learner.Http, HttpMethod.Post, "flashcards/review", new { flashcardId = card, quality = 5 }, key: key), HttpStatusCode.OK);

        second.GetRawText().ShouldBe(first.GetRawText());
        (await ReviewLog.OfAsync(App, card)).Count.ShouldBe(1);
        (await StudyApi.SendAsync(learner.Http, HttpMethod.Post, "flashcards/review", new { flashcardId = card, quality = 4 }, key: key)).StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
    }

    [Fact]
    public async Task Reviews_under_keys_of_their_own_count_in_parallel_too()
    {
        using var learner = new StudyApi(App);
        var card = await learner.CreateCardAsync(await learner.CreateTopicAsync());
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(i =>
            StudyApi.SendAsync(learner.Http, HttpMethod.Post, "flashcards/review", new { flashcardId = card, quality = 4 }, key: $"{card}-{i}")));
        answers.ShouldAllBe(answer => answer.StatusCode == HttpStatusCode.OK);
        (await ReviewLog.OfAsync(App, card)).Count.ShouldBe(8);
    }

    [Theory]
    [InlineData(-1, null)]
    [InlineData(6, null)]
    [InlineData(4, -1)]
    [InlineData(4, 86_400_001)]
    public async Task A_quality_or_duration_outside_its_range_is_refused_and_changes_nothing(int quality, int? durationMs)
    {
        using var learner = new StudyApi(App);
        var card = await learner.CreateCardAsync(await learner.CreateTopicAsync());
        (await learner.Http.PostAsJsonAsync("flashcards/review", new { flashcardId = card, quality, durationMs })).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await learner.GetAsync($"flashcards/{card}")).GetProperty("version").GetInt64().ShouldBe(1);
    }

    [Fact]
    public async Task A_stranger_cannot_review_the_card()
    {
        using var owner = new StudyApi(App);
        using var stranger = new StudyApi(App);
        var card = await owner.CreateCardAsync(await owner.CreateTopicAsync());
        var refused = await StudyApi.ReadAsync(await stranger.Http.PostAsJsonAsync("flashcards/review", new { flashcardId = card, quality = 5 }), HttpStatusCode.NotFound);
        var unknown = await StudyApi.ReadAsync(await stranger.Http.PostAsJsonAsync("flashcards/review", new { flashcardId = Guid.NewGuid(), quality = 5 }), HttpStatusCode.NotFound);
        refused.GetProperty("detail").GetString().ShouldBe(unknown.GetProperty("detail").GetString());
        (await ReviewLog.OfAsync(App, card)).ShouldBeEmpty();
    }

    private static async Task ShouldBeTheFoldOfItsLogAsync(StudyApi learner, Guid card, IReadOnlyList<ReviewLog> log)
    {
        var state = Sm2State.New;
        ReviewLog? previous = null;
        foreach (var entry in log)
        {
            entry.Before.ShouldBe(state);
            if (previous is not null)
                (entry.DueBefore, entry.LastReviewedBefore).ShouldBe((previous.DueAfter, previous.OccurredAt));
            state = Sm2.Review(state, entry.Quality);
            entry.After.ShouldBe(state);
            previous = entry;
        }

        var read = await learner.GetAsync($"flashcards/{card}");
        read.GetProperty("easeFactor").GetDecimal().ShouldBe(state.EaseFactor);
        read.GetProperty("interval").GetInt32().ShouldBe(state.IntervalDays);
        read.GetProperty("repetitions").GetInt32().ShouldBe(state.Repetitions);
        read.GetProperty("nextReview").GetDateTimeOffset().ShouldBe(previous!.DueAfter);
        read.GetProperty("version").GetInt64().ShouldBe(previous.Version);
    }
}
