using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Mneme.Progress.Domain;
using Mneme.Progress.Infrastructure;
using Npgsql;

namespace Mneme.Bench;

/// <summary><c>./mneme bench leaderboard</c>: the rank of one among a million and the top 10, against counting.</summary>
internal static class LeaderboardBench
{
    private static readonly Option<int> People = new("--people") { DefaultValueFactory = _ => 1_000_000 };

    public static Command Create()
    {
        var command = new Command("leaderboard", "Rank of one among a million, and the top 10, against count(*).") { People };
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
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"""
            rank      {rank:0.000} ms in SQL; by count(*) {counting:0.0} ms; ratio {rank / counting:0.000}
            top 10    {top:0.000} ms in SQL
            request   GET /leaderboard, top 10 and own rank, one connection: {http}
            answers   {(isRight ? "equal to counting" : "WRONG")}
            """));
        return isRight ? 0 : 1;
    }

    /// <returns>Median time of a statement in milliseconds, after a warm-up.</returns>
    private static async Task<double> TimeAsync(NpgsqlConnection connection, string sql, IEnumerable<object[]> calls)
    {
        var times = new List<double>();
        foreach (var parameters in calls)
        {
            var start = Stopwatch.GetTimestamp();
            await ScalarAsync(connection, sql, parameters);
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
}
