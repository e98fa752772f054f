using System.Text;
using Mneme.Platform.RabbitMq;
using RabbitMQ.Client;

namespace Mneme.IntegrationTests.Brokers;

/// <summary>A RabbitMQ node of the tests' own.</summary>
public sealed class RabbitMqServer : IBroker, IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("mneme-rabbitmq-").FullName;
    private readonly LocalRabbitMq _server;

    public RabbitMqServer() => _server = new LocalRabbitMq(_folder);

    public IReadOnlyDictionary<string, string?> Settings => new Dictionary<string, string?>(StringComparer.Ordinal)
    {
        ["Messaging:Backend"] = "rabbitmq",
        ["RabbitMq:Url"] = _server.Url.ToString(),
        ["RabbitMq:ConfirmTimeout"] = "00:00:03",
    };

    public async ValueTask InitializeAsync() => await StartAsync();

    public Task PrepareAsync(string prefix, IReadOnlyList<string> topics) => Task.CompletedTask;

    public Task StartAsync() => _server.StartAsync(CancellationToken.None);

    // The directory of the quorum queues reaches the disk only half a second after the last change to it (seen in 3.10): a node that is killed before comes back without them.
    public Task SettleAsync() => _server.ControlAsync("eval", "[dets:sync(Table) || Table <- dets:all()].");

    public Task KillAsync() => _server.Node.KillAsync();

    public void Freeze() => _server.Node.Freeze();

    public void Thaw() => _server.Node.Thaw();

    public Task DisconnectAllAsync() => _server.ControlAsync("close_all_connections", "cut off by a test");

    public async Task KeepAsync(string prefix, string topic)
    {
        await using var connection = await _server.ConnectAsync(CancellationToken.None);
        await using var channel = await connection.CreateChannelAsync();
        await channel.QueueDeclareAsync(Kept(prefix, topic), durable: true, exclusive: false, autoDelete: false);
        await channel.QueueBindAsync(Kept(prefix, topic), $"{prefix}.{topic}", "#");
    }

    public async Task ReplayAsync(string prefix, string topic, string consumer)
    {
        await using var connection = await _server.ConnectAsync(CancellationToken.None);
        await using var channel = await connection.CreateChannelAsync(new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true));
        while (await channel.BasicGetAsync(Kept(prefix, topic), autoAck: true) is { } message)
            await channel.BasicPublishAsync("", $"{prefix}.{consumer}", mandatory: true, new BasicProperties(message.BasicProperties), message.Body);
    }

    private static string Kept(string prefix, string topic) => $"{prefix}.{topic}.kept";

    public async Task PublishRawAsync(string prefix, string topic, string type, string body)
    {
        await using var connection = await _server.ConnectAsync(CancellationToken.None);
        await using var channel = await connection.CreateChannelAsync(new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true));
        await channel.BasicPublishAsync($"{prefix}.{topic}", type, mandatory: true, Encoding.UTF8.GetBytes(body));
    }

    public async Task<IReadOnlyList<string>> UnreadableAsync(string prefix)
    {
        await using var connection = await _server.ConnectAsync(CancellationToken.None);
        await using var channel = await connection.CreateChannelAsync();
        var bodies = new List<string>();
        while (await channel.BasicGetAsync($"{prefix}.unreadable", autoAck: false) is { } message)
            bodies.Add(Encoding.UTF8.GetString(message.Body.Span));
        return bodies;
    }

    public async ValueTask DisposeAsync()
    {
        await _server.Node.KillAsync();
        await _server.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
