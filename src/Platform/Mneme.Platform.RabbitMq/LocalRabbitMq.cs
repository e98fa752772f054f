using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using Mneme.Platform.Hosting;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Mneme.Platform.RabbitMq;

/// <summary>
/// A RabbitMQ node of this installation's own, from the system's package, as the private PostgreSQL cluster is: its data in a folder here, its ports free ones on loopback, its password made up, its name
/// known to nobody else's port mapper. It ends with this process.
/// </summary>
public sealed class LocalRabbitMq : IAsyncDisposable
{
    private const string Programs = "/usr/lib/rabbitmq/bin/";
    private const string User = "mneme";

    // What Erlang's own port mapper would be asked for is this node's alone, so the name need not be.
    private const string NodeName = "mneme@localhost";

    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(10);

    private readonly string _folder;
    private readonly Dictionary<string, string?> _environment;
    private ProcessGroup? _portMapper;

    /// <param name="folder">Where its data is; made if it is not there.</param>
    /// <exception cref="FileNotFoundException">RabbitMQ is not installed.</exception>
    public LocalRabbitMq(string folder)
    {
        if (!File.Exists(Programs + "rabbitmq-server"))
            throw new FileNotFoundException($"RabbitMQ is not installed ({Programs}rabbitmq-server). Install Debian's package rabbitmq-server, or name a broker of your own: RabbitMq__Url.");
        _folder = Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute).FullName;
        var port = LoopbackPort.Free();
        Url = new Uri($"amqp://{User}:{Password()}@127.0.0.1:{port}/");
        _environment = new(StringComparer.Ordinal)
        {
            ["HOME"] = _folder,
            ["ERL_EPMD_PORT"] = LoopbackPort.Free().ToString(CultureInfo.InvariantCulture),
            ["ERL_EPMD_ADDRESS"] = "127.0.0.1",
            ["RABBITMQ_NODENAME"] = NodeName,
            ["RABBITMQ_DIST_PORT"] = LoopbackPort.Free().ToString(CultureInfo.InvariantCulture),
            ["RABBITMQ_MNESIA_BASE"] = Path.Combine(_folder, "data"),
            ["RABBITMQ_LOG_BASE"] = Path.Combine(_folder, "log"),
            ["RABBITMQ_CONFIG_FILE"] = Path.Combine(_folder, "rabbitmq.conf"),
            ["RABBITMQ_ENABLED_PLUGINS_FILE"] = Path.Combine(_folder, "enabled_plugins"),
            // Without busy waiting it leaves the processors to the others while nothing happens.
            ["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] = "-kernel inet_dist_use_interface {127,0,0,1} +S 2:2 +sbwt none +sbwtdcpu none +sbwtdio none",
        };
        File.WriteAllText(Path.Combine(_folder, "enabled_plugins"), "[].");
        var configuration = Path.Combine(_folder, "rabbitmq.conf");
        File.WriteAllText(configuration, $"""
            listeners.tcp.1 = 127.0.0.1:{port}
            default_user = {User}
            default_pass = {Url.UserInfo.Split(':')[1]}
            disk_free_limit.absolute = 50MB
            raft.wal_max_size_bytes = 16777216
            """);
        File.SetUnixFileMode(configuration, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    /// <summary>Where it serves, with its password.</summary>
    public Uri Url { get; }

    /// <summary>The running node; another one after each start.</summary>
    public ProcessGroup Node { get; private set; } = null!;

    /// <summary>Starts the node on its data; returns when it serves.</summary>
    /// <exception cref="InvalidOperationException">It ended, or did not serve within a minute.</exception>
    public async Task StartAsync(CancellationToken ct)
    {
        var output = new Queue<string>();
        // Started here, so that the node does not leave one behind.
        _portMapper ??= ProcessGroup.Start(["epmd"], _environment, _ => { });
        Node = ProcessGroup.Start([Programs + "rabbitmq-server"], _environment, Remember);
        var startedAt = Stopwatch.GetTimestamp();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        while (!await ServesAsync(ct))
        {
            if (Node.HasExited || Stopwatch.GetElapsedTime(startedAt) > StartLimit)
                throw new InvalidOperationException($"RabbitMQ did not start. Its log is in {Path.Combine(_folder, "log")}; it printed:\n{Printed()}");
            await timer.WaitForNextTickAsync(ct);
        }

        void Remember(string line)
        {
            lock (output)
            {
                output.Enqueue(line);
                if (output.Count > 50)
                    output.Dequeue();
            }
        }

        string Printed()
        {
            lock (output)
                return string.Join('\n', output);
        }
    }

    /// <summary>Opens a connection to it.</summary>
    /// <exception cref="BrokerUnreachableException">It does not answer.</exception>
    public Task<IConnection> ConnectAsync(CancellationToken ct) => new ConnectionFactory { Uri = Url, AutomaticRecoveryEnabled = false }.CreateConnectionAsync(ct);

    /// <summary>Runs one of <c>rabbitmqctl</c>'s commands.</summary>
    /// <exception cref="InvalidOperationException">It failed.</exception>
    public async Task ControlAsync(params IEnumerable<string> command)
    {
        var output = new System.Collections.Concurrent.ConcurrentQueue<string>();
        using var control = ProcessGroup.Start([Programs + "rabbitmqctl", "-q", .. command], _environment, output.Enqueue);
        await control.WaitForExitAsync(CancellationToken.None);
        if (control.ExitCode != 0)
            throw new InvalidOperationException($"rabbitmqctl {string.Join(' ', command)} ended with status {control.ExitCode}: {string.Join('\n', output)}");
    }

    private async Task<bool> ServesAsync(CancellationToken ct)
    {
        try
        {
            await using var connection = await ConnectAsync(ct);
            return true;
        }
        catch (BrokerUnreachableException)
        {
            return false;
        }
    }

    // Kept: the node knows the password since its first start.
    private string Password()
    {
        var file = Path.Combine(_folder, "password");
        if (!File.Exists(file))
        {
            var partial = file + ".partial";
            File.WriteAllText(partial, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(20)));
            File.SetUnixFileMode(partial, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            File.Move(partial, file);
        }

        return File.ReadAllText(file);
    }

    public async ValueTask DisposeAsync()
    {
        if (Node is not null)
        {
            await Node.StopAsync(StopLimit);
            Node.Dispose();
        }

        _portMapper?.Dispose();
    }
}
