using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using Mneme.Platform.Hosting;

namespace Mneme.Bench;

/// <summary>
/// <c>./mneme bench gateway</c>: the same requests straight to the program and through <c>mneme serve --target gateway</c>, in turns, with both on the same machine. Latency is
/// measured on one connection, where nothing waits for a processor; throughput on many.
/// </summary>
internal static class GatewayBench
{
    private const int Connections = 32;
    private const double AimMilliseconds = 1;
    private const double AimShare = 0.4;

    private static readonly Option<int> Seconds = new("--seconds") { Description = "Measured time of each side.", DefaultValueFactory = _ => 20 };
    private static readonly Option<int> WarmUp = new("--warm-up") { Description = "Seconds of load on each side before anything is measured.", DefaultValueFactory = _ => 15 };
    private static readonly Option<int> Turns = new("--turns") { Description = "Turns in which each side is measured.", DefaultValueFactory = _ => 4 };

    public static Command Create()
    {
        var command = new Command("gateway", "A person's topics and the public keys, straight and through the gateway.") { Seconds, WarmUp, Turns };
        command.SetAction((result, _) => RunAsync(TimeSpan.FromSeconds(result.GetValue(WarmUp)), TimeSpan.FromSeconds(result.GetValue(Seconds)), result.GetValue(Turns)));
        return command;
    }

    private static async Task<int> RunAsync(TimeSpan warmUp, TimeSpan time, int turns)
    {
        var certificates = Directory.CreateTempSubdirectory("mneme-bench-certs-");
        try
        {
            await RunProgramAsync("certs", "init", "--set", $"Certificates__Folder={certificates.FullName}");
            await RunProgramAsync("certs", "issue", "all", "--set", $"Certificates__Folder={certificates.FullName}");
            var askPort = LoopbackPort.Free();
            (string, string)[] shared = [("Http__RequestsPerMinutePerUser", "10000000"), ("Http__RequestsPerMinutePerAddress", "10000000"), ("Certificates__Folder", certificates.FullName)];
            await using var mneme = await Subject.StartAsync([.. shared, ("Ask__Port", askPort.ToString(CultureInfo.InvariantCulture))]);
            await using var gateway = await GatewayProcess.StartAsync(mneme.Address, [.. shared, ("Ask__Addresses__identity", $"https://127.0.0.1:{askPort}")]);
            var token = (await mneme.TokensAsync([Guid.NewGuid()])).Single();
            var read = LoadGenerator.Get("/api/v1/topics", token);
            var passed = await CompareAsync("a person's topics (token, one query)", mneme.Address, gateway.Address, read, warmUp, time, turns);
            await CompareAsync("public keys (nothing but HTTP)", mneme.Address, gateway.Address, LoadGenerator.Get("/.well-known/jwks.json", token: null), warmUp / 3, time, turns);
            Console.WriteLine($"Memory: gateway {Memory.Rss(gateway.ProcessId):0} MiB RSS.");
            return passed ? 0 : 1;
        }
        finally
        {
            certificates.Delete(recursive: true);
        }
    }

    private static async Task<bool> CompareAsync(string what, Uri direct, Uri gateway, byte[] request, TimeSpan warmUp, TimeSpan time, int turns)
    {
        foreach (var address in new[] { direct, gateway })
            await LoadGenerator.RunAsync(address, Connections, warmUp, _ => request, null);
        var (directCalm, gatewayCalm, directLoad, gatewayLoad) = (new Measured(), new Measured(), new Measured(), new Measured());
        for (var turn = 0; turn < turns; turn++)
        {
            await LoadGenerator.RunAsync(direct, 1, time / turns / 2, _ => request, directCalm);
            await LoadGenerator.RunAsync(gateway, 1, time / turns / 2, _ => request, gatewayCalm);
            await LoadGenerator.RunAsync(direct, Connections, time / turns, _ => request, directLoad);
            await LoadGenerator.RunAsync(gateway, Connections, time / turns, _ => request, gatewayLoad);
        }

        var added = gatewayCalm.P50 - directCalm.P50;
        var share = gatewayLoad.Rate / directLoad.Rate;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"""

            {what}
              one connection, direct    {directCalm}
              one connection, gateway   {gatewayCalm}
              {Connections} connections, direct    {directLoad}
              {Connections} connections, gateway   {gatewayLoad}
              added at p50 {added:0.00} ms (aim < {AimMilliseconds}); throughput {share:0.00} of direct (aim ≥ {AimShare})
            """));
        return added < AimMilliseconds && share >= AimShare && gatewayLoad.Failed == 0;
    }

    private static async Task RunProgramAsync(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(Subject.Program, arguments) { RedirectStandardOutput = true, UseShellExecute = false })!;
        await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"mneme {string.Join(' ', arguments)} ended with {process.ExitCode}.");
    }

    /// <summary>The gateway as a process of its own, before one that runs every service.</summary>
    private sealed class GatewayProcess : IAsyncDisposable
    {
        private readonly Process _process;

        private GatewayProcess(Process process, Uri address) => (_process, Address) = (process, address);

        public Uri Address { get; }

        public int ProcessId => _process.Id;

        public static async Task<GatewayProcess> StartAsync(Uri destination, params IReadOnlyList<(string Name, string Value)> environment)
        {
            var start = new ProcessStartInfo(Subject.Program, ["serve", "--target", "gateway", "--port", "0"]) { RedirectStandardOutput = true, UseShellExecute = false };
            start.Environment["Http__ManagementPort"] = "-1";
            foreach (var service in ServiceCatalog.All)
                start.Environment[$"Gateway__Destinations__{service.Name}"] = destination.ToString();
            foreach (var (name, value) in environment)
                start.Environment[name] = value;
            var process = Process.Start(start)!;
            while (await process.StandardOutput.ReadLineAsync() is { } line)
            {
                if (line.Trim() is var text && text.StartsWith("Address ", StringComparison.Ordinal))
                {
                    _ = process.StandardOutput.ReadToEndAsync();
                    var gateway = new GatewayProcess(process, new Uri(text["Address ".Length..].Trim()));
                    await gateway.WaitUntilReadyAsync();
                    return gateway;
                }
            }

            throw new InvalidOperationException("The gateway ended before it was ready.");
        }

        public async ValueTask DisposeAsync()
        {
            using (var kill = Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]))
                await kill.WaitForExitAsync();
            await _process.WaitForExitAsync();
            _process.Dispose();
        }

        /// <summary>It knows the keys of tokens once it has asked for them.</summary>
        private async Task WaitUntilReadyAsync()
        {
            using var client = new HttpClient { BaseAddress = Address };
            using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
            while ((await client.GetAsync("/health/ready")).StatusCode != HttpStatusCode.OK)
                await timer.WaitForNextTickAsync();
        }
    }
}
