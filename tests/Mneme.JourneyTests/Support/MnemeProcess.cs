using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace Mneme.JourneyTests.Support;

/// <summary>The published program as a process of its own, on a data folder and free ports.</summary>
public sealed partial class MnemeProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(40);

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _output = new();
    private readonly TaskCompletionSource<Uri> _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private IAsyncDisposable? _broker;

    private MnemeProcess(Process process) => _process = process;

    /// <summary>Path of the program: what the launcher published, or what it says in MNEME_PROGRAM.</summary>
    public static string Program { get; } = Environment.GetEnvironmentVariable("MNEME_PROGRAM") is { Length: > 0 } path && File.Exists(path)
        ? path
        : throw new InvalidOperationException("The journeys run the published program: start them with `./mneme test journey`, which publishes it and names it in MNEME_PROGRAM.");

    public Uri Address => _ready.Task.Result;

    public Uri Api => new(Address, "/api/v1/");

    public int ProcessId => _process.Id;

    /// <summary>Everything it printed.</summary>
    public string Output => string.Join('\n', _output);

    /// <summary>Starts it and waits until it is ready.</summary>
    public static Task<MnemeProcess> StartAsync(string dataFolder, params IReadOnlyList<(string Name, string Value)> environment) =>
        StartAsync(dataFolder, options: [], environment);

    /// <summary>Starts it with the broker that the topology needs, which ends with it.</summary>
    public static async Task<MnemeProcess> StartAsync(string dataFolder, Topology topology, params IReadOnlyList<(string Name, string Value)> environment)
    {
        var (broker, settings) = await JourneyBroker.StartAsync(topology);
        try
        {
            var mneme = await StartAsync(dataFolder, topology == Topology.InOneProcess ? [] : ["--split"], [.. settings, .. environment]);
            mneme._broker = broker;
            return mneme;
        }
        catch when (broker is not null)
        {
            await broker.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts it with more options than it needs.</summary>
    public static async Task<MnemeProcess> StartAsync(string dataFolder, IReadOnlyList<string> options, IReadOnlyList<(string Name, string Value)> environment)
    {
        var mneme = Launch(["serve", "--port", "0", "--data", dataFolder, .. options], [("Http__ManagementPort", "0"), .. environment]);
        try
        {
            await mneme._ready.Task.WaitAsync(StartLimit);
        }
        catch (Exception e)
        {
            var output = mneme.Output;
            await mneme.DisposeAsync();
            throw new InvalidOperationException($"mneme did not become ready ({e.Message}). It printed:\n{output}", e);
        }

        return mneme;
    }

    /// <summary>Runs a command to its end.</summary>
    public static async Task<(int Status, string Output)> RunAsync(IReadOnlyList<string> arguments, params IReadOnlyList<(string Name, string Value)> environment)
    {
        await using var mneme = Launch(arguments, environment);
        await mneme._process.WaitForExitAsync().WaitAsync(StartLimit);
        return (mneme._process.ExitCode, mneme.Output);
    }

    public HttpClient Client(string? token = null)
    {
        var client = new HttpClient { BaseAddress = Api };
        if (token is not null)
            client.DefaultRequestHeaders.Authorization = new("Bearer", token);
        return client;
    }

    /// <summary>As a power cut does: no warning, nothing is written any more.</summary>
    public async Task KillAsync()
    {
        Signal(9);
        await _process.WaitForExitAsync().WaitAsync(StopLimit);
    }

    /// <summary>The processes of a split installation: the name, such as <c>study-2</c>, the address, and the group that each has now.</summary>
    public IReadOnlyDictionary<string, (Uri Address, int Group)> Processes()
    {
        var output = Output;
        var processes = ProcessLine().Matches(output).ToDictionary(line => line.Groups[1].Value, line => (new Uri(line.Groups[2].Value), Number(line.Groups[3].Value)), StringComparer.Ordinal);
        foreach (Match line in RestartLine().Matches(output))
            processes[line.Groups[1].Value] = (processes[line.Groups[1].Value].Item1, Number(line.Groups[2].Value));
        return processes;

        static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
    }

    /// <summary>Kills one process of a split installation.</summary>
    public void KillGroup(string name) => TryKillGroup(name).ShouldBeTrue($"the process of {name} is there");

    /// <summary>Kills one process of a split installation; false if it is down already.</summary>
    public bool TryKillGroup(string name) => Kill(-Processes()[name].Group, 9) == 0;

    /// <summary>SIGTERM; returns the exit status.</summary>
    public async Task<int> TerminateAsync()
    {
        Signal(15);
        await _process.WaitForExitAsync().WaitAsync(StopLimit);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            try
            {
                await TerminateAsync();
            }
            catch (TimeoutException)
            {
                await KillAsync();
            }
        }

        _process.Dispose();
        if (_broker is not null)
            await _broker.DisposeAsync();
    }

    private static MnemeProcess Launch(IReadOnlyList<string> arguments, IReadOnlyList<(string Name, string Value)> environment)
    {
        var start = new ProcessStartInfo(Program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            WorkingDirectory = Path.GetTempPath(),
        };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        var process = new Process { StartInfo = start, EnableRaisingEvents = true };
        var mneme = new MnemeProcess(process);
        process.OutputDataReceived += (_, line) => mneme.Read(line.Data);
        process.ErrorDataReceived += (_, line) => mneme.Read(line.Data);
        process.Exited += (_, _) => mneme._ready.TrySetException(new InvalidOperationException("it ended"));
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return mneme;
    }

    private void Read(string? line)
    {
        if (line is null)
            return;
        _output.Enqueue(line);
        if (AddressLine().Match(line) is { Success: true } match)
            _ready.TrySetResult(new Uri(match.Groups[1].Value));
    }

    private void Signal(int number) => Kill(_process.Id, number).ShouldBe(0, $"signal {number} reaches process {_process.Id}");

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int pid, int signal);

    [GeneratedRegex(@"^\s+([\w-]+)\s+(http://\S+)\s+\(process group (\d+)\)$", RegexOptions.NonBacktracking | RegexOptions.Multiline)]
    private static partial Regex ProcessLine();

    [GeneratedRegex(@"([\w-]+) runs again \(process group (\d+)\)", RegexOptions.NonBacktracking)]
    private static partial Regex RestartLine();

    [GeneratedRegex(@"^\s*Address\s+(http://\S+)", RegexOptions.NonBacktracking)]
    private static partial Regex AddressLine();
}
