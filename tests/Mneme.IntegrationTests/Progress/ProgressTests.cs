using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Mneme.Contracts.Identity;
using Mneme.IntegrationTests.Support;
using Mneme.Platform.Messaging;

namespace Mneme.IntegrationTests.Progress;

public sealed class ProgressTests(SharedApplication shared)
{
    private readonly Guid _user = Guid.CreateVersion7();

    private TestApplication App => shared.App;

    private DateTimeOffset Now => App.Clock.GetUtcNow();

    [Fact]
    public async Task Somebody_new_has_no_points_is_at_level_1_and_has_no_streak()
    {
        var unknown = await MeAsync();
        await App.DeliverAsync(LearnerEvents.Registered(_user));
        var me = await MeAsync();

        foreach (var answer in new[] { unknown, me })
        {
            answer.GetProperty("points").GetInt64().ShouldBe(0);
            answer.GetProperty("level").GetInt32().ShouldBe(1);
            answer.GetProperty("pointsToNextLevel").GetInt64().ShouldBe(100);
            answer.GetProperty("streak").GetInt32().ShouldBe(0);
            answer.GetProperty("longestStreak").GetInt32().ShouldBe(0);
            answer.GetProperty("actionsToday").GetInt32().ShouldBe(0);
            answer.GetProperty("activity").GetArrayLength().ShouldBe(30);
        }
    }

    [Fact]
    public async Task A_review_gives_10_points_and_a_completed_topic_50()
    {
        await App.DeliverAsync(LearnerEvents.Registered(_user));
        await App.DeliverAsync(LearnerEvents.Reviewed(_user, Now));
        await App.DeliverAsync(LearnerEvents.Completed(_user, Now));

        var me = await MeAsync();
        me.GetProperty("points").GetInt64().ShouldBe(60);
        me.GetProperty("level").GetInt32().ShouldBe(1);
        me.GetProperty("pointsToNextLevel").GetInt64().ShouldBe(40);
        me.GetProperty("streak").GetInt32().ShouldBe(1);
        me.GetProperty("longestStreak").GetInt32().ShouldBe(1);
        me.GetProperty("actionsToday").GetInt32().ShouldBe(2);
        me.GetProperty("last7Days").GetProperty("actions").GetInt32().ShouldBe(2);
        me.GetProperty("last30Days").GetProperty("activeDays").GetInt32().ShouldBe(1);
        var today = me.GetProperty("activity")[29];
        today.GetProperty("date").GetString().ShouldBe(LearnerEvents.DateIn(Midday.Zone, Now).ToString("yyyy-MM-dd"));
        today.GetProperty("points").GetInt32().ShouldBe(60);
    }

    [Fact]
    public async Task Fifty_deliveries_to_two_workers_count_once()
    {
        EventEnvelope[] envelopes =
        [
            LearnerEvents.Registered(_user).Envelope(Now), LearnerEvents.Reviewed(_user, Now).Envelope(Now), LearnerEvents.Reviewed(_user, Now).Envelope(Now),
            LearnerEvents.Completed(_user, Now).Envelope(Now),
        ];
        async Task Worker()
        {
            for (var i = 0; i < 25; i++)
                await App.PublishAsync(envelopes);
        }

        await Task.WhenAll(Worker(), Worker());

        await PointsShouldBeAsync(70);
        (await MeAsync()).GetProperty("actionsToday").GetInt32().ShouldBe(3);
        (await App.QueryAsync<int>("progress", "select actions from daily_activity where user_id = $1", _user)).ShouldBe(3);
    }

    [Fact]
    public async Task Events_in_any_order_and_in_duplicates_give_the_same_totals()
    {
        var random = new Random(20260320);
        var people = Enumerable.Range(0, 6).Select(_ => Guid.CreateVersion7()).ToArray();
        var days = Enumerable.Range(0, 9).Where(d => d != 5).Select(d => Now.AddDays(d - 8)).ToArray();
        var ordered = days.SelectMany(day => Enumerable.Range(0, 4).Select(n => n == 3
            ? (IIntegrationEvent)LearnerEvents.Completed(Guid.Empty, day.AddSeconds(n))
            : LearnerEvents.Reviewed(Guid.Empty, day.AddSeconds(n)))).ToArray();
        foreach (var person in people)
        {
            var events = ordered.Select(e => (e switch
            {
                Contracts.Study.FlashcardReviewed r => r with { UserId = person },
                Contracts.Study.TopicCompleted c => c with { UserId = person },
                _ => e,
            }).Envelope(Now)).Append(LearnerEvents.Registered(person).Envelope(Now)).ToList();
            var arriving = events.Concat(events.Take(10)).ToArray();
            random.Shuffle(arriving);
            foreach (var batch in arriving.Chunk(random.Next(1, 12)))
                await App.PublishAsync(batch);
        }

        foreach (var person in people)
        {
            var me = await MeAsync(person);
            me.GetProperty("points").GetInt64().ShouldBe(8 * 80);
            me.GetProperty("streak").GetInt32().ShouldBe(3, "three days since the gap");
            me.GetProperty("longestStreak").GetInt32().ShouldBe(5);
            (await App.QueryAsync<long>("progress", "select sum(points) from daily_activity where user_id = $1", person)).ShouldBe(8 * 80);
            (await App.QueryAsync<string>("progress", "select name from profiles where id = $1", person)).ShouldBe("Ada");
        }
    }

    [Fact]
    public async Task An_action_of_yesterday_that_arrives_after_todays_joins_the_streak()
    {
        await App.DeliverAsync(LearnerEvents.Reviewed(_user, Now.AddDays(-2)));
        await App.DeliverAsync(LearnerEvents.Reviewed(_user, Now));
        (await MeAsync()).GetProperty("streak").GetInt32().ShouldBe(1);

        await App.DeliverAsync(LearnerEvents.Reviewed(_user, Now.AddDays(-1)));
        (await MeAsync()).GetProperty("streak").GetInt32().ShouldBe(3);
        await PointsShouldBeAsync(30);
    }

    [Fact]
    public async Task A_broken_streak_is_shown_as_none_and_the_longest_is_kept()
    {
        await App.DeliverAsync(LearnerEvents.Reviewed(_user, Now.AddDays(-4)));
        await App.DeliverAsync(LearnerEvents.Reviewed(_user, Now.AddDays(-3)));

        var me = await MeAsync();
        me.GetProperty("streak").GetInt32().ShouldBe(0);
        me.GetProperty("longestStreak").GetInt32().ShouldBe(2);
    }

    [Fact]
    public async Task The_newest_details_of_a_person_stand_whatever_comes_later()
    {
        await App.DeliverAsync(LearnerEvents.Updated(_user, version: 3, name: "Grace", isPublic: false));
        await App.DeliverAsync(LearnerEvents.Updated(_user, version: 2, name: "Ada"));
        await App.DeliverAsync(LearnerEvents.Registered(_user));
        (await App.QueryAsync<string>("progress", "select name from profiles where id = $1 and not is_public", _user)).ShouldBe("Grace");

        await App.PublishAsync([LearnerEvents.Updated(_user, 5, "Hedy").Envelope(Now), LearnerEvents.Updated(_user, 4, "Ada").Envelope(Now)]);
        (await App.QueryAsync<string>("progress", "select name from profiles where id = $1 and is_public", _user)).ShouldBe("Hedy");
    }

    [Fact]
    public async Task Whoever_left_is_forgotten_and_late_events_do_not_bring_them_back()
    {
        await App.DeliverAsync(LearnerEvents.Registered(_user));
        await App.DeliverAsync(LearnerEvents.Reviewed(_user, Now));
        await App.DeliverAsync(new UserDeleted(_user, 2), times: 50);
        await App.DeliverAsync(LearnerEvents.Reviewed(_user, Now));
        await App.DeliverAsync(LearnerEvents.Updated(_user, version: 9));

        foreach (var (table, column) in new[] { ("profiles", "id"), ("scores", "user_id"), ("daily_activity", "user_id"), ("streak_warnings", "user_id") })
            (await App.QueryAsync<long>("progress", $"select count(*) from {table} where {column} = $1", _user)).ShouldBe(0, table);
        await PointsShouldBeAsync(0);
    }

    [Fact]
    public async Task An_erasure_at_the_same_time_as_events_leaves_nothing()
    {
        var people = Enumerable.Range(0, 40).Select(_ => Guid.CreateVersion7()).ToArray();
        var reviews = people.SelectMany(p => Enumerable.Range(0, 3).Select(_ => LearnerEvents.Reviewed(p, Now).Envelope(Now))).Chunk(7).ToArray();
        var deletions = people.Select(p => new UserDeleted(p, 2).Envelope(Now)).Chunk(5).ToArray();

        await Task.WhenAll(reviews.Concat(deletions).Select(App.PublishAsync));

        (await App.QueryAsync<long>("progress", "select count(*) from profiles where id = any($1)", people)).ShouldBe(0);
        (await App.QueryAsync<long>("progress", "select count(*) from daily_activity where user_id = any($1)", people)).ShouldBe(0);
    }

    [Fact]
    public async Task Without_a_token_there_is_no_progress_to_see()
    {
        using var anonymous = App.Anonymous();
        (await anonymous.GetAsync("progress/me")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await anonymous.GetAsync("leaderboard")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    private Task<JsonElement> MeAsync() => MeAsync(_user);

    private async Task<JsonElement> MeAsync(Guid userId)
    {
        using var client = App.ClientOf(userId, timeZone: Midday.Zone);
        return await client.GetFromJsonAsync<JsonElement>("progress/me");
    }

    private async Task PointsShouldBeAsync(long points) => (await MeAsync()).GetProperty("points").GetInt64().ShouldBe(points);
}
