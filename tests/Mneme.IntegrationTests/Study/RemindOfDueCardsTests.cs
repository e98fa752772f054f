using Microsoft.Extensions.DependencyInjection;
using Mneme.Contracts.Identity;
using Mneme.Contracts.Study;
using Mneme.IntegrationTests.Support;
using Mneme.Study;
using Mneme.Study.Features;
using Mneme.Study.Infrastructure;

namespace Mneme.IntegrationTests.Study;

public sealed class RemindOfDueCardsTests(SharedApplication shared) : IAsyncLifetime
{
    private readonly TestClock _clock = new();
    private TestApplication _app = null!;

    public async ValueTask InitializeAsync()
    {
        (_app, _) = await ScriptedAi.StartAsync(shared, clock: _clock);
        // The tests run the job themselves, so that they know when it ran. It is due at the start, so its first run comes before it is put off.
        await Eventually.TrueAsync(async () => await _app.QueryAsync<long>("study", "select count(*) from jobs where kind = 'remind-of-due-cards' and due_at > enqueued_at and leased_until is null") == 1, "the recurring job has run once");
        await _app.QueryAsync<object>("study", "update jobs set due_at = 'infinity' where kind = 'remind-of-due-cards'");
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task The_first_run_after_nine_in_the_persons_zone_reminds_once_a_day()
    {
        using var learner = await LearnerAsync("Europe/Berlin", "2026-11-20T12:00+01:00", cards: 3);
        await RunAtAsync("2026-11-21T08:59+01:00");
        (await RemindersAsync(learner)).ShouldBeEmpty();
        await RunAtAsync("2026-11-21T09:01+01:00");
        await RunAtAsync("2026-11-21T09:06+01:00");
        await RunAtAsync("2026-11-21T23:50+01:00");
        await RunAtAsync("2026-11-22T00:10+01:00");
        await RunAtAsync("2026-11-22T08:58+01:00");
        var reminder = (await RemindersAsync(learner)).ShouldHaveSingleItem();
        reminder.ShouldBe(new FlashcardDue(learner.UserId, 3, new DateOnly(2026, 11, 21), "Europe/Berlin", new DateOnly(2026, 11, 21).DayNumber));
        await RunAtAsync("2026-11-22T09:00+01:00");
        (await RemindersAsync(learner)).Select(r => r.LocalDate).ShouldBe([new DateOnly(2026, 11, 21), new DateOnly(2026, 11, 22)]);
    }

    [Fact]
    public async Task Nobody_is_reminded_of_nothing_and_what_becomes_due_later_waits_for_the_next_day()
    {
        using var learner = await LearnerAsync("Asia/Kathmandu", "2026-11-20T12:00+05:45", cards: 0);
        await RunAtAsync("2026-11-21T09:00+05:45");
        await learner.CreateCardAsync(await learner.CreateTopicAsync());
        await RunAtAsync("2026-11-21T15:00+05:45");
        (await RemindersAsync(learner)).ShouldBeEmpty();
        await RunAtAsync("2026-11-22T09:00+05:45");
        (await RemindersAsync(learner)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task Cards_reviewed_last_evening_are_due_in_the_morning()
    {
        using var learner = await LearnerAsync("Europe/Berlin", "2026-11-20T22:00+01:00", cards: 1);
        var card = (await FlashcardTests.Ids(learner, "flashcards")).Single();
        await learner.ReviewAsync(card, 4);
        (await FlashcardTests.Ids(learner, "flashcards/due")).ShouldBeEmpty();
        await RunAtAsync("2026-11-21T09:00+01:00");
        (await RemindersAsync(learner)).Single().DueCount.ShouldBe(1);
    }

    [Theory]
    [InlineData("2026-03-28T12:00+01:00", "2026-03-29T06:59+00:00", "2026-03-29T07:00+00:00")] // the day of 23 hours: nine o'clock is an hour earlier
    [InlineData("2026-10-24T12:00+02:00", "2026-10-25T07:59+00:00", "2026-10-25T08:00+00:00")] // the day of 25 hours: an hour later
    public async Task On_the_days_when_clocks_change_it_is_nine_by_the_local_clock(string before, string early, string nine)
    {
        using var learner = await LearnerAsync("Europe/Berlin", before, cards: 1);
        await RunAtAsync(early);
        var count = (await RemindersAsync(learner)).Count;
        await RunAtAsync(nine);
        ((await RemindersAsync(learner)).Count - count).ShouldBe(1);
        await RunAtAsync(nine, plusHours: 2);
        ((await RemindersAsync(learner)).Count - count).ShouldBe(1);
    }

    [Fact]
    public async Task Who_travels_west_is_not_reminded_of_the_same_date_again_and_who_travels_east_is_not_left_out()
    {
        using var westward = await LearnerAsync("Pacific/Auckland", "2026-11-20T12:00+13:00", cards: 1);
        using var eastward = await LearnerAsync("America/Los_Angeles", "2026-11-20T12:00+13:00", cards: 1);
        await RunAtAsync("2026-11-21T09:30+13:00"); // Auckland, the 21st; Los Angeles, the 20th at 12:30
        (await RemindersAsync(westward)).Select(r => r.LocalDate.Day).ShouldBe([21]);
        (await RemindersAsync(eastward)).Select(r => r.LocalDate.Day).ShouldBe([20]);
        await MoveAsync(westward, "Pacific/Honolulu");
        await MoveAsync(eastward, "Australia/Sydney");

        await RunAtAsync("2026-11-21T10:00-10:00"); // Honolulu, the 21st again; Sydney, the 22nd at 07:00
        (await RemindersAsync(westward)).Select(r => r.LocalDate.Day).ShouldBe([21]);
        (await RemindersAsync(eastward)).Select(r => r.LocalDate.Day).ShouldBe([20]);
        await RunAtAsync("2026-11-22T09:00+11:00");
        await RunAtAsync("2026-11-22T09:00-10:00");
        (await RemindersAsync(westward)).Select(r => (r.LocalDate.Day, r.TimeZone)).ShouldBe([(21, "Pacific/Auckland"), (22, "Pacific/Honolulu")]);
        (await RemindersAsync(eastward)).Select(r => (r.LocalDate.Day, r.TimeZone)).ShouldBe([(20, "America/Los_Angeles"), (22, "Australia/Sydney")]);
    }

    [Fact]
    public async Task Runs_at_the_same_time_remind_everybody_once()
    {
        await _app.QueryAsync<object>("study", """
            with people as (insert into learners (user_id, time_zone, version) select gen_random_uuid(), (array['Europe/Berlin', 'Asia/Kolkata', 'UTC'])[1 + n % 3], 1 from generate_series(1, 2500) n returning user_id),
            t as (insert into topics (id, user_id, name, created_at, updated_at, version) select user_id, user_id, 'T', now(), now(), 1 from people returning user_id)
            select 1
            """);
        await _app.QueryAsync<object>("study", """
            insert into flashcards (id, user_id, topic_id, due_at, version, ease, interval_days, repetitions, created_at, updated_at, origin, front, back)
            select user_id, user_id, user_id, '2026-11-21', 1, 250, 0, 0, now(), now(), 'MANUAL', 'f', 'b' from topics
            """);
        _clock.MoveTo(At("2026-11-21T12:00+00:00"));
        await Task.WhenAll(RunAsync(), RunAsync(), RunAsync());
        await RunAsync();
        (await _app.QueryAsync<long>("study", "select count(*) from test_outbox where type = 'flashcard.due.v1'")).ShouldBe(2_500);
        (await _app.QueryAsync<long>("study", "select count(distinct partition_key) from test_outbox where type = 'flashcard.due.v1'")).ShouldBe(2_500);
    }

    [Fact]
    public async Task The_job_runs_by_itself()
    {
        using var learner = await LearnerAsync("Europe/Berlin", "2026-11-20T12:00+01:00", cards: 1);
        _clock.MoveTo(At("2026-11-21T09:02+01:00"));
        await _app.QueryAsync<object>("study", "update jobs set due_at = '2026-11-21' where kind = 'remind-of-due-cards'");
        await Eventually.TrueAsync(async () => (await RemindersAsync(learner)).Count == 1, "the recurring job reminds");
    }

    [Fact]
    public async Task A_user_event_delivered_often_or_late_leaves_the_newest_zone()
    {
        var user = Guid.NewGuid();
        await _app.DeliverAsync(Updated(user, "Asia/Tokyo", version: 3), times: 50);
        await _app.DeliverAsync(Updated(user, "Europe/Paris", version: 2));
        await _app.DeliverAsync(new UserRegistered(user, "a@b.c", "A", "USER", "Europe/Berlin", "de", false, 1));
        (await _app.QueryAsync<string>("study", "select time_zone from learners where user_id = $1", user)).ShouldBe("Asia/Tokyo");
        await _app.DeliverAsync(Updated(user, "Mars/Olympus", version: 4));
        (await _app.QueryAsync<string>("study", "select time_zone from learners where user_id = $1", user)).ShouldBe("UTC");
    }

    private static UserUpdated Updated(Guid user, string zone, long version) => new(user, "a@b.c", "A", "USER", zone, "en", false, version);

    private static DateTimeOffset At(string instant) => DateTimeOffset.Parse(instant, System.Globalization.CultureInfo.InvariantCulture);

    private async Task<StudyApi> LearnerAsync(string timeZone, string at, int cards)
    {
        _clock.MoveTo(At(at));
        var learner = new StudyApi(_app, timeZone);
        await _app.DeliverAsync(new UserRegistered(learner.UserId, "a@b.c", "A", "USER", timeZone, "en", false, 1));
        if (cards > 0)
        {
            var topic = await learner.CreateTopicAsync();
            for (var i = 0; i < cards; i++)
                await learner.CreateCardAsync(topic);
        }

        // What was looked at on the day of registration is not the test's subject.
        await _app.QueryAsync<object>("study", "update learners set reminded_on = $2 where user_id = $1", learner.UserId, DateOnly.FromDateTime(At(at).DateTime).AddDays(-1));
        return learner;
    }

    private Task MoveAsync(StudyApi learner, string zone) => _app.DeliverAsync(Updated(learner.UserId, zone, version: 2));

    private Task RunAtAsync(string instant, int plusHours = 0)
    {
        _clock.MoveTo(At(instant).AddHours(plusHours));
        return RunAsync();
    }

    private async Task RunAsync()
    {
        await using var scope = _app.Services.CreateAsyncScope();
        await RemindOfDueCards.Run(scope.ServiceProvider.GetRequiredService<StudyDb>(), new StudyOptions(), _clock, CancellationToken.None);
    }

    private Task<IReadOnlyList<FlashcardDue>> RemindersAsync(StudyApi learner) => StudyEvents.OfAsync<FlashcardDue>(_app, learner.UserId);
}
