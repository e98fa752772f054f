using Confluent.Kafka;
using Mneme.Platform.Kafka;

namespace Mneme.IntegrationTests.Brokers;

/// <summary>Three brokers of librdkafka's mock cluster. It proves protocol, rebalancing and reconnecting; it says nothing about durability, for nothing is on a disk.</summary>
public sealed class KafkaCluster : IBroker, IAsyncLifetime
{
    /// <summary>Partitions of each topic.</summary>
    public const int Partitions = 6;

    private MockCluster? _cluster;

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

    private string Servers => _cluster!.Servers;

    public ValueTask InitializeAsync()
    {
        Librdkafka.Load();
        _cluster = new MockCluster();
        return ValueTask.CompletedTask;
    }

    public Task PrepareAsync(string prefix, IReadOnlyList<string> topics)
    {
        foreach (var topic in topics.Append("unreadable"))
            _cluster!.CreateTopic($"{prefix}.{topic}", Partitions);
        return Task.CompletedTask;
    }

    // Nothing here survives or is lost in a crash.
    public Task SettleAsync() => Task.CompletedTask;

    public Task KillAsync()
    {
        _cluster!.TakeDown();
        return Task.CompletedTask;
    }

    public Task StartAsync()
    {
        _cluster!.BringUp();
        return Task.CompletedTask;
    }

    // Longer than every time limit of a client.
    public void Freeze() => _cluster!.Delay(60_000);

    public void Thaw() => _cluster!.Delay(0);

    public Task DisconnectAllAsync()
    {
        _cluster!.TakeDown();
        _cluster.BringUp();
        return Task.CompletedTask;
    }

    public async Task PublishRawAsync(string prefix, string topic, string type, string body)
    {
        using var producer = new ProducerBuilder<Null, string>(new ProducerConfig { BootstrapServers = Servers, Acks = Acks.All }).Build();
        await producer.ProduceAsync($"{prefix}.{topic}", new Message<Null, string> { Value = body });
    }

    public Task<IReadOnlyList<string>> UnreadableAsync(string prefix) => Task.Run<IReadOnlyList<string>>(() =>
    {
        using var consumer = new ConsumerBuilder<string, string>(new ConsumerConfig { BootstrapServers = Servers, GroupId = "reader", EnablePartitionEof = true }).Build();
        consumer.Assign(Enumerable.Range(0, Partitions).Select(partition => new TopicPartitionOffset($"{prefix}.unreadable", partition, Offset.Beginning)));
        var bodies = new List<string>();
        for (var ended = 0; ended < Partitions;)
        {
            var result = consumer.Consume();
            if (result.IsPartitionEOF)
                ended++;
            else
                bodies.Add(result.Message.Value);
        }

        return bodies;
    });

    public ValueTask DisposeAsync()
    {
        _cluster?.Dispose();
        return ValueTask.CompletedTask;
    }
}
