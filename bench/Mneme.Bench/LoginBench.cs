using System.CommandLine;
using System.Globalization;

namespace Mneme.Bench;

/// <summary><c>./mneme bench login</c>: what a flood of logins does to everybody else.</summary>
internal static class LoginBench
{
    private const int Readers = 8;

    private static readonly TimeSpan ReaderPace = TimeSpan.FromMilliseconds(20);

    private static readonly Option<int> Seconds = new("--seconds") { DefaultValueFactory = _ => 20 };

    public static Command Create()
    {
        var command = new Command("login", "p99 of other routes during floods of logins, against the same without a flood.") { Seconds };
        command.SetAction((result, _) => RunAsync(TimeSpan.FromSeconds(result.GetValue(Seconds))));
        return command;
    }

    private static async Task<int> RunAsync(TimeSpan time)
    {
        // Without throttling by address every login wants a hash: up to 640 a second, some eighty times what two cores can do.
        await CompareAsync("each login wants a hash", time, TimeSpan.FromMilliseconds(100), ("Identity__FailuresPerAddress", "100000"));
        // With it, as it is by default, the flood is as fast as it is refused.
        await CompareAsync("refused after some failures", time, TimeSpan.Zero);
        return 0;
    }

    private static async Task CompareAsync(string name, TimeSpan time, TimeSpan floodPace, params IReadOnlyList<(string Name, string Value)> environment)
    {
        // Readers and flood share an address here, which they would not in life.
        await using var mneme = await Subject.StartAsync([("Http__RequestsPerMinutePerUser", "10000000"), ("Http__RequestsPerMinutePerAddress", "10000000"), .. environment]);
        await Seed.ReviewsAsync(mneme.Server, 100, 50);
        var tokens = await mneme.TokensAsync(Enumerable.Range(0, 100).Select(Seed.Learner));
        var reads = tokens.Select(token => (ReadOnlyMemory<byte>)LoadGenerator.Get("/api/v1/flashcards/due?limit=10", token)).ToList();
        var next = 0;
        ReadOnlyMemory<byte> Read(int connection) => reads[Interlocked.Increment(ref next) % reads.Count];

        await LoadGenerator.RunAsync(mneme.Address, Readers, TimeSpan.FromSeconds(15), Read, null, ReaderPace);
        var calm = new Measured();
        await LoadGenerator.RunAsync(mneme.Address, Readers, time, Read, calm, ReaderPace);
        var flooded = new Measured();
        var flood = LoginFlood.RunAsync(mneme.Address, time, floodPace);
        await LoadGenerator.RunAsync(mneme.Address, Readers, time, Read, flooded, ReaderPace);
        var said = await flood;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"""
            {name}
              calm      {calm}
              flooded   {flooded}   (aim p99 < 50 ms)
              ratio     p99 {flooded.P99 / calm.P99:0.00}
              flood     {said}

            """));
    }
}
