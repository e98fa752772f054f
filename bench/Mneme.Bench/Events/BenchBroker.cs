using System.Globalization;
using System.Net.Sockets;
using Mneme.MockKafka;
using Mneme.Platform.Hosting;
using Mneme.Platform.RabbitMq;

namespace Mneme.Bench.Events;

/// <summary>The broker of a benchmark, on data of its own, as durable as a broker of ours has to be; none for <c>inprocess</c>.</summary>
internal sealed class BenchBroker : IAsyncDisposable
{
    private readonly Func<ValueTask> _stop;

    private BenchBroker(Dictionary<string, string?> settings, Func<ValueTask> stop) => (Settings, _stop) = (settings, stop);

    public IReadOnlyDictionary<string, string?> Settings { get; }

    public static async Task<BenchBroker> StartAsync(string backend, string folder, CancellationToken ct)
    {
        var settings = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase) { ["Messaging:Backend"] = backend };
        switch (backend)
        {
            case "inprocess":
                return new BenchBroker(settings, () => ValueTask.CompletedTask);
            case "rabbitmq":
                var rabbit = new LocalRabbitMq(folder);
                await rabbit.StartAsync(ct);
                settings["RabbitMq:Url"] = rabbit.Url.ToString();
                return new BenchBroker(settings, rabbit.DisposeAsync);
            case "redis":
                Directory.CreateDirectory(folder);
                var port = LoopbackPort.Free();
                var redis = ProcessGroup.Start(
                    ["redis-server", "--port", port.ToString(CultureInfo.InvariantCulture), "--bind", "127.0.0.1", "--dir", folder, "--save", "", "--appendonly", "yes", "--appendfsync", "always"], [], _ => { });
                await ConnectsAsync(port, ct);
                settings["Redis:Url"] = $"redis://127.0.0.1:{port}";
                return new BenchBroker(settings, async () =>
                {
                    await redis.StopAsync(TimeSpan.FromSeconds(10));
                    redis.Dispose();
                });
            case "kafka":
                // librdkafka's mock: it keeps everything in memory, so this measures our side and the protocol.
                var kafka = await MockKafkaProcess.StartAsync();
                foreach (var topic in (string[])["bench-events", "user-events", "unreadable"])
                    await kafka.CreateTopicAsync("mneme." + topic, partitions: 6);
                foreach (var (name, value) in kafka.Settings)
                    settings[name] = value;
                return new BenchBroker(settings, kafka.DisposeAsync);
            default:
                throw new InvalidOperationException($"There is no benchmark over '{backend}'. There are: inprocess, kafka, rabbitmq, redis.");
        }
    }

    public ValueTask DisposeAsync() => _stop();

    private static async Task ConnectsAsync(int port, CancellationToken ct)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (true)
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync("127.0.0.1", port, ct);
                return;
            }
            catch (SocketException)
            {
                await timer.WaitForNextTickAsync(ct);
            }
        }
    }
}
