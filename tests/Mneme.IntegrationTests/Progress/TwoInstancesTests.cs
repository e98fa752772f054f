using Mneme.IntegrationTests.Support;
using Mneme.Platform.Messaging;

namespace Mneme.IntegrationTests.Progress;

public sealed class TwoInstancesTests(SharedApplication shared)
{
    [Fact]
    public async Task Two_instances_fed_the_same_events_at_the_same_time_count_each_once()
    {
        var prefix = "t" + Guid.NewGuid().ToString("n")[..12];
        await using var first = await TestApplication.StartAsync(shared.Postgres, prefix);
        await using var second = await TestApplication.StartAsync(shared.Postgres, prefix);
        var random = new Random(7);
        var now = first.Clock.GetUtcNow();
        var people = Enumerable.Range(0, 100).Select(_ => Guid.CreateVersion7()).ToArray();
        var events = new List<(Guid UserId, int Points, EventEnvelope Envelope)>();
        for (var i = 0; i < 3000; i++)
        {
            var (person, at) = (people[random.Next(people.Length)], now.AddDays(-random.Next(5)).AddSeconds(-random.Next(60)));
            events.Add(random.Next(10) == 0
                ? (person, 50, LearnerEvents.Completed(person, at).Envelope(at))
                : (person, 10, LearnerEvents.Reviewed(person, at).Envelope(at)));
        }

        events.AddRange(people.Select(p => (p, 0, LearnerEvents.Registered(p).Envelope(now))));
        async Task FeedAsync(TestApplication app, int seed)
        {
            var shuffled = events.Select(e => e.Envelope).ToArray();
            new Random(seed).Shuffle(shuffled);
            foreach (var batch in shuffled.Chunk(150))
                await app.PublishAsync(batch);
        }

        await Task.WhenAll(FeedAsync(first, 1), FeedAsync(second, 2), FeedAsync(first, 3));
        await Eventually.TrueAsync(
            async () => await first.QueryAsync<long>("progress", "select count(*) from failed_deliveries") == 0, "whatever failed meanwhile is tried again");

        (await first.QueryAsync<long>("progress", "select count(*) from inbox")).ShouldBe(events.Count);
        foreach (var person in events.GroupBy(e => e.UserId))
        {
            var expected = person.Sum(e => (long)e.Points);
            (await first.QueryAsync<long>("progress", "select points from scores where user_id = $1", person.Key)).ShouldBe(expected);
            (await first.QueryAsync<long>("progress", "select sum(points) from daily_activity where user_id = $1", person.Key)).ShouldBe(expected);
            (await first.QueryAsync<long>("progress", "select sum(actions) from daily_activity where user_id = $1", person.Key)).ShouldBe(person.Count(e => e.Points > 0));
        }

        (await first.QueryAsync<decimal>("progress", "select sum(profiles) from rank_buckets")).ShouldBe(people.Length);
    }
}
