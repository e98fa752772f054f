using System.CommandLine;
using System.Globalization;

namespace Mneme.Bench;

/// <summary><c>./mneme bench login</c>: what a flood of logins does to everybody else.</summary>
internal static class LoginBench
{
    private const int Flood = 64;
    private const int Readers = 8;

    // Up to 640 logins a second, some eighty times what two cores can hash; faster, and the generator itself would take the cores.
    private static readonly TimeSpan FloodPace = TimeSpan.FromMilliseconds(100);

    private static readonly Option<int> Seconds = new("--seconds") { DefaultValueFactory = _ => 20 };

    public static Command Create()
    {
        var command = new Command("login", "p99 of other routes during a flood of logins, against the same without the flood.") { Seconds };
        command.SetAction((result, _) => RunAsync(TimeSpan.FromSeconds(result.GetValue(Seconds))));
        return command;
    }

    private static async Task<int> RunAsync(TimeSpan time)
    {
        // Throttling by address would end the flood at once; without it every login wants a hash, which is the worst case.
        await using var mneme = await Subject.StartAsync(
            ("Http__RequestsPerMinutePerUser", "10000000"), ("Http__RequestsPerMinutePerAddress", "10000000"), ("Identity__FailuresPerAddress", "100000"));
        await Seed.ReviewsAsync(mneme.Server, 100, 50);
        var tokens = await mneme.TokensAsync(Enumerable.Range(0, 100).Select(Seed.Learner));
        var reads = tokens.Select(token => (ReadOnlyMemory<byte>)LoadGenerator.Get("/api/v1/flashcards/due?limit=10", token)).ToList();
        var next = 0;
        ReadOnlyMemory<byte> Read(int connection) => reads[Interlocked.Increment(ref next) % reads.Count];
        ReadOnlyMemory<byte> Login(int connection) =>
            LoadGenerator.Post("/api/v1/auth/login", null, $$"""{"email":"somebody{{Interlocked.Increment(ref next)}}@example.org","password":"correct horse battery staple"}""");

        var pace = TimeSpan.FromMilliseconds(20);
        await LoadGenerator.RunAsync(mneme.Address, Readers, TimeSpan.FromSeconds(15), Read, null, pace);
        var calm = new Measured();
        await LoadGenerator.RunAsync(mneme.Address, Readers, time, Read, calm, pace);
        var (flooded, logins) = (new Measured(), new Measured());
        await Task.WhenAll(
            LoadGenerator.RunAsync(mneme.Address, Readers, time, Read, flooded, pace),
            LoadGenerator.RunAsync(mneme.Address, Flood, time, Login, logins, FloodPace));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"""
            calm      {calm}
            flooded   {flooded}   (aim p99 < 50 ms)
            ratio     p99 {flooded.P99 / calm.P99:0.00}
            logins    {(logins.Succeeded + logins.Failed) / time.TotalSeconds:0}/s answered, {logins.Failed} refused
            """));
        return 0;
    }
}
