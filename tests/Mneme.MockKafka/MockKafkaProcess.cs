using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Mneme.MockKafka;

/// <summary>
/// A Kafka of the tests' own: three brokers of librdkafka's mock cluster in a process of their own, which can be paused, as a cut network does it, and does not end with those that use it.
/// It proves protocol, rebalancing and reconnecting; it says nothing about durability, for nothing is on a disk.
/// </summary>
public sealed partial class MockKafkaProcess : IAsyncDisposable
{
    internal const string Done = "done";

    private const int SigCont = 18;
    private const int SigStop = 19;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly Process _process;

    private MockKafkaProcess(Process process, string servers) => (_process, Servers) = (process, servers);

    /// <summary>Addresses of the brokers, host:port separated by commas.</summary>
    public string Servers { get; }

    /// <summary>Settings of a program that uses it.</summary>
    public IReadOnlyDictionary<string, string?> Settings => new Dictionary<string, string?>(StringComparer.Ordinal)
    {
        ["Messaging:Backend"] = "kafka",
        ["Kafka:Servers"] = Servers,
        // The mock does not answer requests of administrators.
        ["Kafka:CreateTopics"] = "false",
        ["Kafka:ConfirmTimeout"] = "00:00:03",
        // The mock waits for it in each rebalance.
        ["Kafka:SessionTimeout"] = "00:00:03",
    };

    public static async Task<MockKafkaProcess> StartAsync()
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "Mneme.MockKafka"))
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        var process = Process.Start(start)!;
        var servers = await process.StandardOutput.ReadLineAsync().WaitAsync(Limit);
        return servers is { Length: > 0 } ? new MockKafkaProcess(process, servers) : throw new InvalidOperationException("The mock of Kafka did not start: is librdkafka1 installed?");
    }

    /// <summary>Creates a topic, unless it is there.</summary>
    public Task CreateTopicAsync(string name, int partitions) => TellAsync(FormattableString.Invariant($"topic {name} {partitions}"));

    /// <summary>Closes all connections and accepts none. What is stored stays.</summary>
    public Task TakeDownAsync() => TellAsync("down");

    public Task BringUpAsync() => TellAsync("up");

    /// <summary>Lets it neither answer nor close anything until <see cref="Thaw"/>.</summary>
    public void Freeze() => Signal(SigStop);

    public void Thaw() => Signal(SigCont);

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private async Task TellAsync(string command)
    {
        await _process.StandardInput.WriteLineAsync(command);
        await _process.StandardInput.FlushAsync();
        if (await _process.StandardOutput.ReadLineAsync().WaitAsync(Limit) is var answer && answer != Done)
            throw new InvalidOperationException($"The mock of Kafka did not obey '{command}': {answer}");
    }

    private void Signal(int number)
    {
        if (Kill(_process.Id, number) != 0)
            throw new InvalidOperationException($"Signal {number} did not reach process {_process.Id}.");
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int pid, int signal);
}
