using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Mneme.IntegrationTests.Support;
using Mneme.Platform.Hosting;

namespace Mneme.IntegrationTests.Brokers;

/// <summary>A redis-server with a port and a folder of its own. Tests look into it with redis-cli, which knows nothing of our client.</summary>
public sealed class RedisInstance : IAsyncDisposable
{
    private readonly string _folder;
    private readonly string[] _configuration;
    private readonly string[] _cliOptions;
    private ProcessGroup? _process;

    private RedisInstance(string folder, string[] configuration, string[] cliOptions) => (_folder, _configuration, _cliOptions) = (folder, configuration, cliOptions);

    public int Port { get; } = LoopbackPort.Free();

    /// <summary>For options that name it <c>{tls}</c>.</summary>
    public int TlsPort { get; } = LoopbackPort.Free();

    public Uri Address => new($"redis://127.0.0.1:{Port}/");

    /// <summary>Keeps what it confirms, whatever happens.</summary>
    public static IReadOnlyList<string> Durable { get; } = ["--appendonly", "yes", "--appendfsync", "always"];

    /// <param name="configuration">Options of redis-server.</param>
    /// <param name="cliOptions">Options of redis-cli, to get in.</param>
    /// <param name="folder">Of its data and whatever its options name; deleted in the end. Null for a new one.</param>
    public static async Task<RedisInstance> StartNewAsync(IEnumerable<string>? configuration = null, IEnumerable<string>? cliOptions = null, string? folder = null)
    {
        var instance = new RedisInstance(folder ?? Directory.CreateTempSubdirectory("mneme-redis-").FullName, [.. configuration ?? []], [.. cliOptions ?? []]);
        await instance.StartAsync();
        return instance;
    }

    public async Task StartAsync()
    {
        var printed = new ConcurrentQueue<string>();
        string[] own = ["--port", Text(Port), "--bind", "127.0.0.1", "--dir", _folder, "--save", "", "--daemonize", "no"];
        _process = ProcessGroup.Start(["redis-server", .. own, .. _configuration.Select(word => word.Replace("{tls}", Text(TlsPort), StringComparison.Ordinal))], [], printed.Enqueue);
        await Eventually.TrueAsync(
            async () =>
            {
                if (_process.HasExited)
                    Assert.Fail("Redis ended: " + string.Join('\n', printed));
                return (await RunAsync("PING")).Output.Trim() == "PONG";
            },
            "Redis serves");
    }

    public async Task KillAsync()
    {
        await _process!.KillAsync();
        _process.Dispose();
    }

    public void Freeze() => _process!.Freeze();

    public void Thaw() => _process!.Thaw();

    /// <summary>Runs a command by redis-cli.</summary>
    /// <returns>What it prints as plain text, without the last line's end.</returns>
    public async Task<string> CommandAsync(params IReadOnlyList<string> command)
    {
        var (exitCode, output) = await RunAsync([.. command]);
        exitCode.ShouldBe(0, output);
        return output.TrimEnd('\n');
    }

    /// <inheritdoc cref="CommandAsync"/>
    public async Task<JsonElement> JsonAsync(params IReadOnlyList<string> command) => JsonSerializer.Deserialize<JsonElement>(await CommandAsync(["--json", .. command]));

    public async Task<long> NumberAsync(params IReadOnlyList<string> command) => long.Parse(await CommandAsync(command), CultureInfo.InvariantCulture);

    private async Task<(int ExitCode, string Output)> RunAsync(params string[] command)
    {
        var start = new ProcessStartInfo("redis-cli", ["-e", "-h", "127.0.0.1", "-p", Text(Port), .. _cliOptions, .. command]) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, output + await error);
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    public ValueTask DisposeAsync()
    {
        _process?.Dispose();
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }
}
