using System.Diagnostics;
using System.Globalization;
using System.Text;
using Mneme.IntegrationTests.Support;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Mneme.IntegrationTests.Brokers;

/// <summary>A RabbitMQ node with a name, ports and a folder of its own, beside whatever else runs on the machine.</summary>
public sealed class RabbitMqServer : IBroker, IAsyncLifetime
{
    private const string Programs = "/usr/lib/rabbitmq/bin/";

    private readonly string _folder = Directory.CreateTempSubdirectory("mneme-rabbitmq-").FullName;
    private readonly int _port = ChildProcess.FreePort();
    private readonly Dictionary<string, string> _environment;
    private ChildProcess? _portMapper;
    private ChildProcess? _node;

    public RabbitMqServer()
    {
        var portMapper = ChildProcess.FreePort().ToString(CultureInfo.InvariantCulture);
        _environment = new(StringComparer.Ordinal)
        {
            ["HOME"] = _folder,
            ["ERL_EPMD_PORT"] = portMapper,
            ["ERL_EPMD_ADDRESS"] = "127.0.0.1",
            ["RABBITMQ_NODENAME"] = $"mneme{_port}@localhost",
            ["RABBITMQ_DIST_PORT"] = ChildProcess.FreePort().ToString(CultureInfo.InvariantCulture),
            ["RABBITMQ_MNESIA_BASE"] = Path.Combine(_folder, "data"),
            ["RABBITMQ_LOG_BASE"] = Path.Combine(_folder, "log"),
            ["RABBITMQ_CONFIG_FILE"] = Path.Combine(_folder, "rabbitmq.conf"),
            ["RABBITMQ_ENABLED_PLUGINS_FILE"] = Path.Combine(_folder, "enabled_plugins"),
            // Two schedulers suffice for tests, and no busy waiting beside everything else on the machine.
            ["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] = "+S 2:2 +sbwt none +sbwtdcpu none +sbwtdio none",
        };
        File.WriteAllText(Path.Combine(_folder, "enabled_plugins"), "[].");
        File.WriteAllText(Path.Combine(_folder, "rabbitmq.conf"), $"""
            listeners.tcp.1 = 127.0.0.1:{_port}
            disk_free_limit.absolute = 10MB
            raft.wal_max_size_bytes = 16777216
            """);
    }

    public IReadOnlyDictionary<string, string?> Settings => new Dictionary<string, string?>(StringComparer.Ordinal)
    {
        ["Messaging:Backend"] = "rabbitmq",
        ["RabbitMq:Url"] = Address.ToString(),
        ["RabbitMq:ConfirmTimeout"] = "00:00:03",
    };

    private Uri Address => new($"amqp://guest:guest@127.0.0.1:{_port}/");

    public async ValueTask InitializeAsync()
    {
        // Started here, so that the node does not leave one behind.
        _portMapper = ChildProcess.Start(Path.Combine(_folder, "epmd.log"), _environment, "epmd");
        await StartAsync();
    }

    public Task PrepareAsync(string prefix, IReadOnlyList<string> topics) => Task.CompletedTask;

    public async Task StartAsync()
    {
        _node = ChildProcess.Start(Path.Combine(_folder, "out.log"), _environment, Programs + "rabbitmq-server");
        await Eventually.TrueAsync(
            async () =>
            {
                if (_node.HasExited)
                    Assert.Fail("RabbitMQ ended: " + await File.ReadAllTextAsync(Path.Combine(_folder, "out.log")));
                try
                {
                    await using var connection = await ConnectAsync();
                    return true;
                }
                catch (BrokerUnreachableException)
                {
                    return false;
                }
            },
            "RabbitMQ serves");
    }

    public Task KillAsync() => _node!.KillAsync();

    public void Freeze() => _node!.Freeze();

    public void Thaw() => _node!.Thaw();

    // The directory of the quorum queues reaches the disk only half a second after the last change to it (seen in 3.10): a node that is killed before comes back without them.
    public Task SettleAsync() => ControlAsync("eval", "[dets:sync(Table) || Table <- dets:all()].");

    public Task DisconnectAllAsync() => ControlAsync("close_all_connections", "cut off by a test");

    private async Task ControlAsync(params IEnumerable<string> command)
    {
        var start = new ProcessStartInfo(Programs + "rabbitmqctl", ["-q", .. command]) { RedirectStandardError = true, RedirectStandardOutput = true, UseShellExecute = false };
        foreach (var (name, value) in _environment)
            start.Environment[name] = value;
        using var control = Process.Start(start)!;
        var output = control.StandardOutput.ReadToEndAsync();
        var error = await control.StandardError.ReadToEndAsync();
        await control.WaitForExitAsync();
        control.ExitCode.ShouldBe(0, await output + error);
    }

    public async Task PublishRawAsync(string prefix, string topic, string type, string body)
    {
        await using var connection = await ConnectAsync();
        await using var channel = await connection.CreateChannelAsync(new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true));
        await channel.BasicPublishAsync($"{prefix}.{topic}", type, mandatory: true, Encoding.UTF8.GetBytes(body));
    }

    public async Task<IReadOnlyList<string>> UnreadableAsync(string prefix)
    {
        await using var connection = await ConnectAsync();
        await using var channel = await connection.CreateChannelAsync();
        var bodies = new List<string>();
        while (await channel.BasicGetAsync($"{prefix}.unreadable", autoAck: false) is { } message)
            bodies.Add(Encoding.UTF8.GetString(message.Body.Span));
        return bodies;
    }

    private Task<IConnection> ConnectAsync() => new ConnectionFactory { Uri = Address, AutomaticRecoveryEnabled = false }.CreateConnectionAsync();

    public ValueTask DisposeAsync()
    {
        _node?.Dispose();
        _portMapper?.Dispose();
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }
}
