using Confluent.Kafka;
using Mneme.Platform.Messaging;

namespace Mneme.Platform.Kafka;

/// <summary>The time during which a partition is this instance's.</summary>
internal sealed class Tenure
{
    private volatile bool _isOver;

    /// <summary>What came during it and is not handled yet is somebody else's.</summary>
    public bool IsOver => _isOver;

    public void End() => _isOver = true;
}

/// <summary>Kafka counts no deliveries: each looks like the first.</summary>
internal sealed class KafkaDelivery(ConsumeResult<string, string> result, Tenure tenure) : Delivery(result.Message.Value ?? "", previousDeliveries: 0)
{
    public Tenure Tenure { get; } = tenure;

    public TopicPartitionOffset Place => result.TopicPartitionOffset;

    public string? Key => result.Message.Key;
}
