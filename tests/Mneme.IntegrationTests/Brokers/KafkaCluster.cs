using Confluent.Kafka;
using Mneme.MockKafka;
using Mneme.Platform.Kafka;

namespace Mneme.IntegrationTests.Brokers;

/// <summary>Three brokers of librdkafka's mock cluster, in a process of their own. It proves protocol, rebalancing and reconnecting; it says nothing about durability, for nothing is on a disk.</summary>
public sealed class KafkaCluster : IBroker, IAsyncLifetime
{
    /// <summary>Partitions of each topic.</summary>
    public const int Partitions = 6;

    private MockKafkaProcess? _cluster;

    public IReadOnlyDictionary<string, string?> Settings => _cluster!.Settings;

    private string Servers => _cluster!.Servers;

    public async ValueTask InitializeAsync()
    {
        Librdkafka.Load();
        _cluster = await MockKafkaProcess.StartAsync();
    }

    public async Task PrepareAsync(string prefix, IReadOnlyList<string> topics)
    {
        foreach (var topic in topics.Append("unreadable"))
            await _cluster!.CreateTopicAsync($"{prefix}.{topic}", Partitions);
    }

    // Nothing here survives or is lost in a crash.
    public Task SettleAsync() => Task.CompletedTask;

    public Task KillAsync() => _cluster!.TakeDownAsync();

    public Task StartAsync() => _cluster!.BringUpAsync();

    public void Freeze() => _cluster!.Freeze();

    public void Thaw() => _cluster!.Thaw();

    public async Task DisconnectAllAsync()
    {
        await _cluster!.TakeDownAsync();
        await _cluster.BringUpAsync();
    }

    // A topic keeps everything.
    public Task KeepAsync(string prefix, string topic) => Task.CompletedTask;

    // Appended once more, as a mirror does that begins anew. (Setting a group's offsets back has no effect on the mock.)
    public async Task ReplayAsync(string prefix, string topic, string consumer)
    {
        var records = await Task.Run(() => Read($"{prefix}.{topic}"));
        using var producer = new ProducerBuilder<string, string>(new ProducerConfig { BootstrapServers = Servers, Acks = Acks.All }).Build();
        foreach (var record in records)
            await producer.ProduceAsync(record.TopicPartition, record.Message);
    }

    public async Task PublishRawAsync(string prefix, string topic, string type, string body)
    {
        using var producer = new ProducerBuilder<Null, string>(new ProducerConfig { BootstrapServers = Servers, Acks = Acks.All }).Build();
        await producer.ProduceAsync($"{prefix}.{topic}", new Message<Null, string> { Value = body });
    }

    public async Task<IReadOnlyList<string>> UnreadableAsync(string prefix) => [.. (await Task.Run(() => Read($"{prefix}.unreadable"))).Select(record => record.Message.Value)];

    private List<ConsumeResult<string, string>> Read(string topic)
    {
        using var consumer = new ConsumerBuilder<string, string>(new ConsumerConfig { BootstrapServers = Servers, GroupId = "reader", EnablePartitionEof = true }).Build();
        consumer.Assign(Enumerable.Range(0, Partitions).Select(partition => new TopicPartitionOffset(topic, partition, Offset.Beginning)));
        var records = new List<ConsumeResult<string, string>>();
        for (var ended = 0; ended < Partitions;)
        {
            var result = consumer.Consume();
            if (result.IsPartitionEOF)
                ended++;
            else
                records.Add(result);
        }

        return records;
    }

    public async ValueTask DisposeAsync()
    {
        if (_cluster is not null)
            await _cluster.DisposeAsync();
    }
}
