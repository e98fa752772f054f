using System.Text.Json;
using Mneme.Contracts.Ai;
using Mneme.Contracts.Capture;
using Mneme.Contracts.Identity;
using Mneme.Contracts.Study;
using Mneme.IntegrationTests.Support;
using Mneme.Platform.Domain;

namespace Mneme.IntegrationTests.Study;

public sealed class GenerateTopicTests(SharedApplication shared, ScriptedAiApplication scripted) : IClassFixture<ScriptedAiApplication>
{
    private readonly Guid _user = Guid.NewGuid();
    private readonly Guid _capture = Guid.NewGuid();
    private readonly TestApplication _app = scripted.App;
    private readonly ScriptedAi _ai = scripted.NewAi();

    [Fact]
    public async Task A_capture_delivered_fifty_times_becomes_one_topic_with_its_cards()
    {
        await _app.DeliverAsync(Captured(title: "My title", tags: ["bio", " bio ", new string('x', 80)]), times: 50);
        var processed = await ProcessedAsync();

        _ai.Asked.ShouldHaveSingleItem().ShouldSatisfyAllConditions(
            asked => asked.UserId.ShouldBe(_user),
            asked => asked.Text.ShouldBe("Mitochondria are the powerhouse of the cell."),
            asked => asked.Title.ShouldBe("My title"),
            asked => asked.Count.ShouldBeNull(),
            asked => Guid.TryParse(asked.IdempotencyKey, out _).ShouldBeTrue());
        using var learner = new StudyApi(_app, userId: _user);
        var topic = (await learner.GetAsync("topics")).GetProperty("items").EnumerateArray().ShouldHaveSingleItem();
        topic.GetProperty("name").GetString().ShouldBe("My title");
        topic.GetProperty("captureId").GetGuid().ShouldBe(_capture);
        topic.GetProperty("tags").EnumerateArray().Select(t => t.GetString()).ShouldBe(["bio", new string('x', 50)]);
        processed.ShouldBe(new ContentProcessed(_user, _capture, 1, topic.GetProperty("id").GetGuid(), "My title", 3, "offline", 1));

        var cards = (await learner.GetAsync($"flashcards?topicId={processed.TopicId}")).GetProperty("items").EnumerateArray().ToList();
        cards.Select(c => c.GetProperty("front").GetString()).ShouldBe(["Front 1", "Front 2", "Front 3"]);
        cards.ShouldAllBe(c => c.GetProperty("origin").GetString() == "GENERATED" && c.GetProperty("generatedBy").GetString() == "offline" && c.GetProperty("captureId").GetGuid() == _capture);
        cards[1].GetProperty("source").GetString().ShouldBe("Sentence 2 of 44.");
        (await _app.QueryAsync<string>("study", "select concat(title, text, language, array_to_string(tags, '')) from captured_texts where capture_id = $1", _capture))
            .ShouldBeEmpty("what was captured is forgotten once the cards are made");
    }

    [Fact]
    public async Task Without_a_title_of_the_persons_own_the_topic_has_the_generated_one()
    {
        await _app.DeliverAsync(Captured(title: "  "));
        (await ProcessedAsync()).Title.ShouldBe("Generated title");
    }

    [Fact]
    public async Task A_title_too_long_for_a_topic_is_cut()
    {
        await _app.DeliverAsync(Captured(title: new string('t', 199) + "😀" + new string('t', 200)));
        (await ProcessedAsync()).Title.ShouldBe(new string('t', 199));
        _ai.Asked.Single().Title!.Length.ShouldBeLessThanOrEqualTo(300);
    }

    [Fact]
    public async Task The_same_capture_in_different_events_is_processed_once_and_another_attempt_answers_with_the_same_topic()
    {
        await _app.DeliverAsync(Captured());
        await _app.DeliverAsync(Captured());
        var first = await ProcessedAsync();
        await _app.DeliverAsync(Captured(attempt: 2));
        var second = await ProcessedAsync(attempt: 2);

        second.ShouldBe(first with { Attempt = 2 });
        _ai.Asked.Count.ShouldBe(1);
        (await CountOwnAsync("topics")).ShouldBe(1);
        (await CountOwnAsync("flashcards")).ShouldBe(3);
    }

    [Fact]
    public async Task A_lasting_problem_fails_the_capture_at_once_with_the_reason()
    {
        _ai.Answer = (_, _) => Task.FromResult<Outcome<GeneratedFlashcards>>(Problem.Unprocessable("budget-spent", "Your budget for today is spent. Try again tomorrow."));
        await _app.DeliverAsync(Captured());
        (await FailedAsync()).ShouldBe(new ContentFailed(_user, _capture, 1, "Your budget for today is spent. Try again tomorrow.", 1));
        _ai.Asked.Count.ShouldBe(1);
        (await CountOwnAsync("topics")).ShouldBe(0);
        (await _app.QueryAsync<string>("study", "select text from captured_texts where capture_id = $1", _capture)).ShouldBeNull();
    }

    [Fact]
    public async Task A_failed_capture_that_is_tried_again_succeeds()
    {
        _ai.Answer = (_, _) => Task.FromResult<Outcome<GeneratedFlashcards>>(Problem.Unprocessable("no", "No."));
        await _app.DeliverAsync(Captured());
        await FailedAsync();
        _ai.Answer = (request, _) => Task.FromResult<Outcome<GeneratedFlashcards>>(ScriptedAi.Cards(request, count: 4));
        await _app.DeliverAsync(Captured(attempt: 2));
        (await ProcessedAsync(attempt: 2)).FlashcardCount.ShouldBe(4);
    }

    [Fact]
    public async Task A_passing_problem_is_tried_again_under_the_same_key()
    {
        _ai.Answer = (request, _) => Task.FromResult(_ai.Asked.Count < 3 ? (Outcome<GeneratedFlashcards>)Problem.Unavailable("provider-down", "The provider is down.") : ScriptedAi.Cards(request));
        await _app.DeliverAsync(Captured());
        await LetRetriesComeAsync(async () => (await StudyEvents.OfAsync<ContentProcessed>(_app, _user)).Count > 0);
        _ai.Asked.Count.ShouldBe(3);
        _ai.Asked.Select(asked => asked.IdempotencyKey).Distinct().ShouldHaveSingleItem();
        (await StudyEvents.OfAsync<ContentFailed>(_app, _user)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_problem_that_does_not_pass_fails_the_capture_on_the_last_attempt()
    {
        _ai.Answer = (_, _) => Task.FromResult<Outcome<GeneratedFlashcards>>(Problem.Unavailable("provider-down", "The provider does not answer. Try again later."));
        await _app.DeliverAsync(Captured());
        await LetRetriesComeAsync(async () => (await StudyEvents.OfAsync<ContentFailed>(_app, _user)).Count > 0);
        _ai.Asked.Count.ShouldBe(5);
        (await FailedAsync()).Reason.ShouldBe("The provider does not answer. Try again later.");
        (await CountAsync("jobs where kind = 'generate-topic'")).ShouldBe(0);
    }

    [Fact]
    public async Task A_fault_on_the_last_attempt_is_told_without_its_internals()
    {
        _ai.Answer = (_, _) => throw new InvalidOperationException("secret");
        await _app.DeliverAsync(Captured());
        await LetRetriesComeAsync(async () => (await StudyEvents.OfAsync<ContentFailed>(_app, _user)).Count > 0);
        (await FailedAsync()).Reason.ShouldNotContain("secret");
    }

    [Theory]
    [InlineData(0, "There is no text to learn from. Capture some text.")]
    [InlineData(200_001, "The text is longer than 200,000 characters. Capture it in parts.")]
    public async Task A_text_that_cannot_be_used_is_not_sent(int length, string reason)
    {
        await _app.DeliverAsync(Captured(text: new string('x', length)));
        (await FailedAsync()).Reason.ShouldBe(reason);
        _ai.Asked.ShouldBeEmpty();
    }

    [Fact]
    public async Task Cards_that_do_not_fit_are_left_out_and_none_at_all_is_a_failure()
    {
        _ai.Answer = (_, _) => Task.FromResult<Outcome<GeneratedFlashcards>>(new GeneratedFlashcards("T", "en", "openai", "m",
            [new("", "b", "s"), new("f", " ", "s"), new(new string('f', 10_001), "b", "s"), new("good", "card", new string('s', 10_001))]));
        await _app.DeliverAsync(Captured());
        (await ProcessedAsync()).FlashcardCount.ShouldBe(1);

        _ai.Answer = (_, _) => Task.FromResult<Outcome<GeneratedFlashcards>>(new GeneratedFlashcards("T", "en", "openai", "m", []));
        var other = Captured() with { CaptureId = Guid.NewGuid() };
        await _app.DeliverAsync(other);
        (await FailedAsync()).CaptureId.ShouldBe(other.CaptureId);
    }

    [Fact]
    public async Task A_capture_deleted_afterwards_is_unlinked_and_what_was_made_of_it_stays()
    {
        await _app.DeliverAsync(Captured());
        var processed = await ProcessedAsync();
        await _app.DeliverAsync(new ContentDeleted(_user, _capture, 2), times: 50);
        using var learner = new StudyApi(_app, userId: _user);
        (await learner.GetAsync($"topics/{processed.TopicId}")).GetProperty("captureId").ValueKind.ShouldBe(JsonValueKind.Null);
        var cards = (await learner.GetAsync("flashcards")).GetProperty("items").EnumerateArray().ToList();
        cards.Count.ShouldBe(3);
        cards.ShouldAllBe(card => card.GetProperty("captureId").ValueKind == JsonValueKind.Null && card.GetProperty("version").GetInt64() == 2);
    }

    [Fact]
    public async Task A_capture_deleted_before_it_was_heard_of_makes_nothing()
    {
        await _app.DeliverAsync(new ContentDeleted(_user, _capture, 2));
        await _app.DeliverAsync(Captured());
        (await CountAsync("jobs where kind = 'generate-topic'")).ShouldBe(0);
        (await _app.QueryAsync<string>("study", "select text from captured_texts where capture_id = $1", _capture)).ShouldBeNull();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_capture_or_user_deleted_while_the_cards_are_being_made_leaves_no_topic(bool user)
    {
        var (asked, goOn) = (new TaskCompletionSource(), new TaskCompletionSource());
        _ai.Answer = async (request, _) =>
        {
            asked.TrySetResult();
            await goOn.Task;
            return ScriptedAi.Cards(request);
        };
        await _app.DeliverAsync(Captured());
        await asked.Task;
        if (user)
            await _app.DeliverAsync(new UserDeleted(_user, 9));
        else
            await _app.DeliverAsync(new ContentDeleted(_user, _capture, 2));
        goOn.SetResult();
        await Eventually.TrueAsync(async () => await CountAsync("jobs where kind = 'generate-topic'") == 0, "the job ends");
        (await CountOwnAsync("topics") + await CountOwnAsync("flashcards")).ShouldBe(0);
        (await StudyEvents.OfAsync<ContentProcessed>(_app, _user)).ShouldBeEmpty();
        if (user)
            (await CountOwnAsync("captured_texts")).ShouldBe(0);
    }

    [Fact]
    public async Task Two_instances_that_get_the_event_make_one_topic()
    {
        var prefix = "s" + Guid.NewGuid().ToString("n")[..12];
        var (one, ai) = await ScriptedAi.StartAsync(shared, prefix);
        await using var _ = one;
        var (two, otherAi) = await ScriptedAi.StartAsync(shared, prefix);
        await using var __ = two;
        var captured = Captured();
        // Different events of one capture, some to each instance; a few at a time, as the tests share a server's connections.
        await Parallel.ForEachAsync(Enumerable.Range(0, 50), new ParallelOptions { MaxDegreeOfParallelism = 6 }, async (i, _) => await (i % 2 == 0 ? one : two).DeliverAsync(captured with { }));
        await Eventually.TrueAsync(async () => (await StudyEvents.OfAsync<ContentProcessed>(one, _user)).Count > 0, "the capture is processed");
        (await one.QueryAsync<long>("study", "select count(*) from topics")).ShouldBe(1);
        (await one.QueryAsync<long>("study", "select count(*) from flashcards")).ShouldBe(3);
        (ai.Asked.Count + otherAi.Asked.Count).ShouldBe(1);
    }

    private ContentCaptured Captured(string? title = null, string text = "Mitochondria are the powerhouse of the cell.", int attempt = 1, params string[] tags) =>
        new(_user, _capture, "TEXT", title, text, "en", "book", tags, attempt, attempt);

    private async Task<ContentProcessed> ProcessedAsync(int attempt = 1) => await Eventually.NotNullAsync(
        async () => (await StudyEvents.OfAsync<ContentProcessed>(_app, _user)).SingleOrDefault(e => e.Attempt == attempt), "the capture is processed");

    private async Task<ContentFailed> FailedAsync() => await Eventually.NotNullAsync(
        async () => (await StudyEvents.OfAsync<ContentFailed>(_app, _user)).SingleOrDefault(), "the capture fails");

    private async Task<long> CountOwnAsync(string table) => await _app.QueryAsync<long>("study", $"select count(*) from {table} where user_id = $1", _user);

    private async Task<long> CountAsync(string from) => await _app.QueryAsync<long>("study", $"select count(*) from {from}");

    /// <summary>Lets the job's backoff pass quickly by moving the clock each time that its next run is seen waiting.</summary>
    private Task LetRetriesComeAsync(Func<Task<bool>> condition) => Eventually.TrueAsync(
        async () =>
        {
            if (await condition())
                return true;
            if (await CountAsync("jobs where kind = 'generate-topic' and attempts > 0 and leased_until is null") > 0)
                await _app.QueryAsync<object>("study", "update jobs set due_at = enqueued_at where kind = 'generate-topic' and leased_until is null");
            return false;
        },
        "the retries come to an end");
}
