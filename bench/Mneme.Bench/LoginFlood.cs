using System.CommandLine;
using System.Diagnostics;
using System.Globalization;

namespace Mneme.Bench;

/// <summary>
/// The flood is a process of its own at the lowest priority: a real one comes from other machines and would not take the cores from the server, nor the time of
/// the threads that measure the readers.
/// </summary>
internal static class LoginFlood
{
    private const string Name = "login-flood";
    private const int Connections = 64;

    private static readonly Argument<string> Address = new("address");
    private static readonly Argument<int> Seconds = new("seconds");
    private static readonly Argument<int> Pace = new("pace");

    /// <summary>The hidden command that is the flood.</summary>
    public static Command Create()
    {
        var command = new Command(Name) { Address, Seconds, Pace };
        command.Hidden = true;
        command.SetAction(async (result, _) =>
        {
            var next = 0;
            ReadOnlyMemory<byte> Login(int connection) =>
                LoadGenerator.Post("/api/v1/auth/login", null, $$"""{"email":"somebody{{Interlocked.Increment(ref next)}}@example.org","password":"correct horse battery staple"}""");

            var logins = new Measured();
            var pace = result.GetValue(Pace);
            await LoadGenerator.RunAsync(
                new Uri(result.GetValue(Address)!), Connections, TimeSpan.FromSeconds(result.GetValue(Seconds)), Login, logins, pace > 0 ? TimeSpan.FromMilliseconds(pace) : null);
            using var self = Process.GetCurrentProcess();
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{logins.Failed / logins.Seconds:0}/s refused; the flood itself took {self.TotalProcessorTime.TotalSeconds / logins.Seconds:0.00} of the cores"));
            return 0;
        });
        return command;
    }

    /// <param name="address">The server.</param>
    /// <param name="time">How long.</param>
    /// <param name="pace">Pause of each of the 64 connections after an answer; zero for none.</param>
    /// <returns>What it says of itself.</returns>
    public static async Task<string> RunAsync(Uri address, TimeSpan time, TimeSpan pace)
    {
        var arguments = new[] { "-n", "19", Environment.ProcessPath!, Name, address.ToString(), $"{(int)time.TotalSeconds}", $"{(int)pace.TotalMilliseconds}" };
        using var flood = Process.Start(new ProcessStartInfo("nice", arguments) { RedirectStandardOutput = true, UseShellExecute = false })!;
        var said = await flood.StandardOutput.ReadToEndAsync();
        await flood.WaitForExitAsync();
        return flood.ExitCode == 0 ? said.Trim() : throw new InvalidOperationException($"The flood ended with status {flood.ExitCode}.");
    }
}
