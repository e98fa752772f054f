using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Mneme.Contracts.Identity;
using Mneme.IntegrationTests.Support;
using Mneme.Platform.Messaging;
using Mneme.Progress.Features;
using Mneme.Progress.Infrastructure;

namespace Mneme.IntegrationTests.Progress;

public sealed class LeaderboardTests(SharedApplication shared) : IAsyncLifetime
{
    private TestApplication _app = null!;

    public async ValueTask InitializeAsync() => _app = await TestApplication.StartAsync(shared.Postgres);

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task Everybody_is_ranked_and_only_public_profiles_and_oneself_are_named()
    {
        var people = Enumerable.Range(0, 12).Select(_ => Guid.CreateVersion7()).Order().ToArray();
        for (var i = 0; i < people.Length; i++)
        {
            await _app.DeliverAsync(LearnerEvents.Registered(people[i], name: $"Person {i}", isPublic: i % 2 == 0));
            // 110, 110, 90, 90, 70, …: neighbours are equal.
            await ReviewAsync(people[i], times: 11 - (i / 2 * 2));
        }

        var board = await BoardAsync(people[11]);
        var top = board.GetProperty("top").EnumerateArray().ToList();
        top.Count.ShouldBe(10);
        top.Select(t => t.GetProperty("rank").GetInt64()).ShouldBe([1, 1, 3, 3, 5, 5, 7, 7, 9, 9]);
        top.Select(t => t.GetProperty("points").GetInt64()).ShouldBe([110, 110, 90, 90, 70, 70, 50, 50, 30, 30]);
        top.Select(t => t.GetProperty("name").GetString()).ShouldBe(["Person 0", null, "Person 2", null, "Person 4", null, "Person 6", null, "Person 8", null]);
        top.Select(t => t.GetProperty("userId").GetString()).ShouldBe(Enumerable.Range(0, 10).Select(i => i % 2 == 0 ? people[i].ToString() : null));
        top[0].GetProperty("level").GetInt32().ShouldBe(2);
        top[0].GetProperty("streak").GetInt32().ShouldBe(1);
        var me = board.GetProperty("me");
        me.GetProperty("rank").GetInt64().ShouldBe(11);
        me.GetProperty("userId").GetGuid().ShouldBe(people[11]);
        me.GetProperty("name").GetString().ShouldBe("Person 11");

        var second = (await BoardAsync(people[1])).GetProperty("top")[1];
        (second.GetProperty("userId").GetGuid(), second.GetProperty("name").GetString()).ShouldBe((people[1], "Person 1"));
    }

    [Fact]
    public async Task Somebody_unknown_is_behind_all_who_have_points()
    {
        await ReviewAsync(Guid.CreateVersion7(), times: 1);
        await _app.DeliverAsync(LearnerEvents.Registered(Guid.CreateVersion7()));

        var me = (await BoardAsync(Guid.CreateVersion7())).GetProperty("me");
        me.GetProperty("rank").GetInt64().ShouldBe(2);
        me.GetProperty("points").GetInt64().ShouldBe(0);
        me.GetProperty("level").GetInt32().ShouldBe(1);
    }

    [Fact]
    public async Task Ranks_are_what_counting_says_while_people_learn_and_leave()
    {
        var random = new Random(4711);
        var people = Enumerable.Range(0, 60).Select(_ => Guid.CreateVersion7()).ToList();
        await _app.PublishAsync([.. people.Take(40).Select(p => LearnerEvents.Registered(p).Envelope(_app.Clock.GetUtcNow()))]);
        for (var round = 0; round < 6; round++)
        {
            var events = Enumerable.Range(0, 400).Select(_ => people[(int)(people.Count * random.NextDouble() * random.NextDouble())])
                .Select(p => random.Next(6) == 0 ? (IIntegrationEvent)LearnerEvents.Completed(p, _app.Clock.GetUtcNow()) : LearnerEvents.Reviewed(p, _app.Clock.GetUtcNow()))
                .Select(e => e.Envelope(_app.Clock.GetUtcNow())).ToList();
            // Two relays at once, with people in common.
            await Task.WhenAll(events.Chunk(100).Select(chunk => _app.PublishAsync(chunk)));
            for (var i = 0; i < 3; i++)
            {
                var leaving = people[random.Next(people.Count)];
                people.Remove(leaving);
                await _app.DeliverAsync(new UserDeleted(leaving, 2));
            }

            await BucketsShouldBeExactAsync();
            foreach (var person in people.Where((_, i) => i % 7 == round))
            {
                var expected = await _app.QueryAsync<long>(
                    "progress", "select 1 + count(*) from scores where points > coalesce((select points from scores where user_id = $1), 0)", person);
                (await BoardAsync(person)).GetProperty("me").GetProperty("rank").GetInt64().ShouldBe(expected);
            }
        }
    }

    [Fact]
    public async Task Counts_that_drifted_are_repaired()
    {
        foreach (var times in new[] { 1, 5, 40 })
            await ReviewAsync(Guid.CreateVersion7(), times);
        // It is due at the start as well: a run that is on its way would put off the one that is asked for here.
        await Eventually.TrueAsync(
            async () => await _app.QueryAsync<long>("progress", "select count(*) from jobs where kind = 'progress.verify-ranks' and due_at > enqueued_at and leased_until is null") == 1,
            "the job has run once");
        await using (var spoil = _app.Database("progress").CreateCommand(
            "insert into rank_buckets values (77, 5), (0, 9) on conflict (bucket) do update set profiles = -3; delete from rank_buckets where bucket = 50; "
            + "update jobs set due_at = now() - interval '1 minute' where kind = 'progress.verify-ranks'"))
        {
            await spoil.ExecuteNonQueryAsync();
        }

        await Eventually.TrueAsync(
            async () => await _app.QueryAsync<long>("progress", "select count(*) from rank_buckets where bucket = 77") == 0, "the job removes what nobody is in");
        await BucketsShouldBeExactAsync();
    }

    [Fact]
    public async Task The_verification_leaves_nobody_waiting_for_the_process_that_does_it()
    {
        await ReviewAsync(Guid.CreateVersion7(), times: 3);
        await using var scope = _app.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ProgressDb>();
        await VerifyRanks.Run(db, NullLogger<ProgressDb>.Instance, CancellationToken.None);
        // The process still has the job to complete. Under load, at the lowest priority, that may take seconds.
        (await db.Database.SqlQuery<long>($"""select count(*) as "Value" from pg_locks where locktype = 'advisory' and pid = pg_backend_pid()""").SingleAsync()).ShouldBe(0);
        await BucketsShouldBeExactAsync();
    }

    /// <summary>Counts by the width that a bucket of its lower bound has, in SQL of its own.</summary>
    private async Task BucketsShouldBeExactAsync()
    {
        const string Wrong = """
            with counted as (
                select s.points - s.points % (case when s.points < 128 then 1 else 2 ^ (length(ltrim(s.points::bit(40)::text, '0')) - 7) end)::bigint as bucket, count(*) as profiles
                from scores s group by 1)
            select count(*) from counted c full join (select * from rank_buckets where profiles <> 0) r using (bucket) where c.profiles is distinct from r.profiles
            """;
        (await _app.QueryAsync<long>("progress", Wrong)).ShouldBe(0);
    }

    private async Task ReviewAsync(Guid userId, int times)
    {
        var now = _app.Clock.GetUtcNow();
        await _app.PublishAsync([.. Enumerable.Range(0, times).Select(_ => LearnerEvents.Reviewed(userId, now).Envelope(now))]);
    }

    private async Task<JsonElement> BoardAsync(Guid userId)
    {
        using var client = _app.ClientOf(userId);
        return await client.GetFromJsonAsync<JsonElement>("leaderboard");
    }
}
