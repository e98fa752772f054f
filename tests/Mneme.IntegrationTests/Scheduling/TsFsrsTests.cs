using System.Text;
using System.Text.Json;
using Mneme.Cli;
using Mneme.IntegrationTests.Support;
using Mneme.Scheduling.Fsrs;

namespace Mneme.IntegrationTests.Scheduling;

/// <summary>ts-fsrs and its script.</summary>
public sealed class TsFsrs() : NodeScripts("Scheduling", "TsFsrs");

/// <summary>FSRS-6 against ts-fsrs over thousands of random histories, through <c>mneme study replay</c>.</summary>
public sealed class TsFsrsTests(TsFsrs oracle) : IClassFixture<TsFsrs>
{
    private const int Histories = 4_000;

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, false)]
    [InlineData(true, true)]
    [InlineData(false, true)]
    public async Task We_schedule_as_ts_fsrs_does(bool shortTerm, bool randomWeights)
    {
        var random = new Random(20_261_121);
        var lines = string.Join('\n', Enumerable.Range(0, Histories).Select(id => History(random, id, shortTerm, randomWeights)));

        var theirs = Parse(await oracle.RunAsync("replay.mjs", lines));

        using var output = new MemoryStream();
        await StudyReplay.RunAsync(StudyAlgorithm.Fsrs6, new StringReader(lines), output, CancellationToken.None);
        var ours = Parse(Encoding.UTF8.GetString(output.ToArray()));
        ours.Count.ShouldBe(Histories);
        theirs.Count.ShouldBe(Histories);
        foreach (var (i, line) in lines.Split('\n').Index())
            Compare(JsonDocument.Parse(line).RootElement, ours[i], theirs[i]);
    }

    /// <summary>
    /// ts-fsrs rounds R to eight digits, which is little in R and much in e^(w10·(1−R)) − 1 where R is almost 1: each review adds up to 5e-9/(1−R) to the relative error of S there. It
    /// rounds F and the interval for a stability of 1 too, which decides where an interval lies that near a half.
    /// </summary>
    private static void Compare(JsonElement history, JsonElement our, JsonElement their)
    {
        our.GetProperty("id").GetInt32().ShouldBe(their.GetProperty("id").GetInt32());
        var (mine, others) = (our.GetProperty("e"), their.GetProperty("e"));
        var model = new FsrsModel(FsrsWeights.Create([.. history.GetProperty("w").EnumerateArray().Select(w => w.GetDouble())]), history.GetProperty("st").GetBoolean());
        var (rounding, f) = (0.0, Math.Pow(0.9, -1 / model.Weights.Values[20]) - 1);
        for (var i = 0; i < history.GetProperty("g").GetArrayLength(); i++)
        {
            var (s, d, days) = (mine[i][0].GetDouble(), mine[i][1].GetDouble(), mine[i][2].GetInt32());
            if (i > 0)
            {
                var elapsed = history.GetProperty("d")[i].GetInt32();
                var r = model.Retrievability(elapsed, mine[i - 1][0].GetDouble());
                r.ShouldBe(their.GetProperty("r")[i].GetDouble(), 1e-6);
                rounding += elapsed > 0 ? 5e-9 / (1 - r) : 0;
            }

            var theirS = others[i][0].GetDouble();
            s.ShouldBe(theirS, s * (1e-5 + rounding), history.ToString());
            d.ShouldBe(others[i][1].GetDouble(), 1e-6, history.ToString());
            mine[i][3].GetInt32().ShouldBe(others[i][3].GetInt32(), history.ToString());
            // There an interval can be longer than the longest, by the days between ratings.
            var theirDays = Math.Min(others[i][2].GetInt32(), FsrsSettings.LongestIntervalDays);
            var interval = model.Interval(s, history.GetProperty("rr").GetDouble());
            var isNearHalf = Math.Abs(interval - Math.Floor(interval) - 0.5) <= interval / s * Math.Abs(s - theirS) + 5e-9 * (interval / f + s);
            Math.Abs(days - theirDays).ShouldBeLessThanOrEqualTo(isNearHalf ? 1 : 0, $"review {i} of {history}");
        }
    }

    private static string History(Random random, int id, bool shortTerm, bool randomWeights)
    {
        var weights = FsrsWeights.Default.Values.ToArray();
        for (var i = 0; randomWeights && i < weights.Length; i++)
        {
            // There the first stability is never below 0.1.
            var least = i < 4 ? 0.1 : i == 19 ? 0.01 : FsrsWeights.Minimum[i];
            weights[i] = least + random.NextDouble() * (FsrsWeights.Maximum[i] - least);
        }

        var length = random.Next(1, 25);
        var ratings = Enumerable.Range(0, length).Select(_ => random.Next(10) switch { < 2 => 1, < 3 => 2, < 8 => 3, _ => 4 });
        var days = Enumerable.Range(0, length).Select(i => i == 0 || random.Next(4) == 0 ? 0 : (int)Math.Pow(10, random.NextDouble() * 3.3));
        return JsonSerializer.Serialize(new { id, w = weights, rr = 0.7 + random.Next(30) / 100.0, st = shortTerm, g = ratings, d = days });
    }

    private static List<JsonElement> Parse(string lines) => [.. lines.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];
}
