using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Mneme.Bench.Events;
using Mneme.Platform.Configuration;
using Mneme.Platform.Messaging;
using Mneme.Platform.Persistence;
using Mneme.Platform.Redis;
using Mneme.Progress.Domain;
using Mneme.Progress.Infrastructure;
using Npgsql;

namespace Mneme.Bench;

/// <summary><c>./mneme bench leaderboard</c>: the rank of one among a million and the top 10, against counting and against a sorted set in Redis.</summary>
internal static class LeaderboardBench
{
    private static readonly Option<int> People = new("--people") { DefaultValueFactory = _ => 1_000_000 };

    public static Command Create()
    {
        var command = new Command("leaderboard", "Rank of one among a million, and the top 10, against count(*) and a sorted set.") { People };
        command.SetAction((result, _) => RunAsync(result.GetValue(People)));
        return command;
    }

    private static async Task<int> RunAsync(int people)
    {
        await using var mneme = await Subject.StartAsync(("Http__RequestsPerMinutePerUser", "10000000"));
        Console.WriteLine($"Seeding {people:N0} people …");
        // Skewed as real installations are: many beginners, a few who have done for years.
        await Seed.ProfilesAsync(mneme.Server, people, "(power((u::bigint * 7919 % 1000003) / 1000003.0, 6) * 2000000)::bigint / 10 * 10");
        await using var connection = mneme.Connect("progress");
        await connection.OpenAsync();
        var buckets = RankBucket.UpTo(2_000_000).ToList();
        await using (var repair = new NpgsqlCommand(ProgressSql.RepairBuckets, connection)
        {
            Parameters = { new() { Value = buckets.Select(b => b.Start).ToArray() }, new() { Value = buckets.Select(b => b.End).ToArray() } },
        })
            await repair.ExecuteNonQueryAsync();

        var ids = Enumerable.Range(0, 200).Select(i => Seed.Learner(i * (people / 200))).ToList();
        var points = new List<long>();
        foreach (var id in ids)
            points.Add(await mneme.QueryAsync<long>("progress", $"select points from scores where user_id = '{id}'"));
        var counting = await TimeAsync(connection, "select 1 + count(*) from scores where points > $1", points.Take(20).Select(p => new object[] { p }));
        var rank = await TimeAsync(connection, ProgressSql.Rank, points.Select(p => new object[] { p, RankBucket.Of(p).Start, RankBucket.Of(p).End }));
        var top = await TimeAsync(connection, ProgressSql.Top, Enumerable.Repeat(new object[] { 10 }, 200));
        var requests = (await mneme.TokensAsync(ids)).Select(token => (ReadOnlyMemory<byte>)LoadGenerator.Get("/api/v1/leaderboard", token)).ToList();
        var next = 0;
        await LoadGenerator.RunAsync(mneme.Address, 1, TimeSpan.FromSeconds(10), _ => requests[next++ % requests.Count], null);
        var http = new Measured();
        await LoadGenerator.RunAsync(mneme.Address, 1, TimeSpan.FromSeconds(10), _ => requests[next++ % requests.Count], http);

        var isRight = true;
        foreach (var p in points.Take(10))
            isRight &= await ScalarAsync(connection, ProgressSql.Rank, p, RankBucket.Of(p).Start, RankBucket.Of(p).End) == await ScalarAsync(connection, "select 1 + count(*) from scores where points > $1", p);
        await using var board = await SortedSet.StartAsync();
        await board.FillAsync(connection);
        var sortedRank = await TimeAsync(points, board.RankAsync);
        var sortedTop = await TimeAsync(Enumerable.Repeat(10L, 200), board.TopAsync);
        foreach (var p in points.Take(10))
            isRight &= await board.RankAsync(p) == await ScalarAsync(connection, ProgressSql.Rank, p, RankBucket.Of(p).Start, RankBucket.Of(p).End);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"""
            rank      {rank:0.000} ms in SQL; by count(*) {counting:0.0} ms, ratio {rank / counting:0.000}; by a sorted set in Redis {sortedRank:0.000} ms, ratio {rank / sortedRank:0.00}
            top 10    {top:0.000} ms in SQL, with names and streaks; their ids by a sorted set in Redis {sortedTop:0.000} ms
            request   GET /leaderboard, top 10 and own rank, one connection: {http}
            answers   {(isRight ? "equal to counting" : "WRONG")}
            """));
        return isRight ? 0 : 1;
    }

    /// <returns>Median time of a statement in milliseconds, after a warm-up.</returns>
    private static Task<double> TimeAsync(NpgsqlConnection connection, string sql, IEnumerable<object[]> calls) => TimeAsync(calls, parameters => ScalarAsync(connection, sql, parameters));

    /// <returns>Median time of a call in milliseconds, after a warm-up.</returns>
    private static async Task<double> TimeAsync<TArgument, TResult>(IEnumerable<TArgument> calls, Func<TArgument, Task<TResult>> act)
    {
        var times = new List<double>();
        foreach (var argument in calls)
        {
            var start = Stopwatch.GetTimestamp();
            await act(argument);
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        times.Sort();
        return times[times.Count / 2];
    }

    private static async Task<long?> ScalarAsync(NpgsqlConnection connection, string sql, params object[] parameters)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        foreach (var parameter in parameters)
            command.Parameters.Add(new NpgsqlParameter { Value = parameter });
        await command.PrepareAsync();
        return await command.ExecuteScalarAsync() as long?;
    }

    /// <summary>What a leaderboard in Redis would be: ids by points, over the platform's own client.</summary>
    private sealed class SortedSet(BenchBroker redis, ServiceProvider services, string folder) : IAsyncDisposable
    {
        private const int Chunk = 1_000;

        private readonly IRedisStore _store = services.GetRequiredService<IRedisStore>();

        public static async Task<SortedSet> StartAsync()
        {
            var folder = Directory.CreateTempSubdirectory("mneme-bench-").FullName;
            var redis = await BenchBroker.StartAsync("redis", folder, CancellationToken.None);
            var configuration = new ConfigurationBuilder().AddInMemoryCollection(redis.Settings).Build();
            var services = new ServiceCollection().AddLogging().AddSingleton(TimeProvider.System).AddValidatedOptions<MessagingOptions>(configuration);
            services.AddRedisStore(configuration);
            return new SortedSet(redis, services.BuildServiceProvider(), folder);
        }

        public async Task FillAsync(NpgsqlConnection connection)
        {
            var members = new List<string>();
            await using var command = new NpgsqlCommand("select points::text, user_id::text from scores", connection);
            await using var reader = await command.ExecuteReaderAsync();
            while (await reader.ReadAsync())
                members.AddRange([reader.GetString(0), reader.GetString(1)]);
            foreach (var some in members.Chunk(2 * Chunk))
                await _store.ChangeAsync("redis.call('ZADD', KEYS[1] .. '.board', unpack(ARGV)) return {}", some, CancellationToken.None);
        }

        public async Task<long?> RankAsync(long points) =>
            long.Parse((await _store.QueryAsync("return { 1 + redis.call('ZCOUNT', KEYS[1] .. '.board', '(' .. ARGV[1], '+inf') }", [Text(points)], CancellationToken.None))[0], CultureInfo.InvariantCulture);

        public Task<IReadOnlyList<string>> TopAsync(long count) =>
            _store.QueryAsync("return redis.call('ZREVRANGE', KEYS[1] .. '.board', 0, ARGV[1] - 1)", [Text(count)], CancellationToken.None);

        private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

        public async ValueTask DisposeAsync()
        {
            await services.DisposeAsync();
            await redis.DisposeAsync();
            Directory.Delete(folder, recursive: true);
        }
    }
}
