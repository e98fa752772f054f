using System.Diagnostics.Metrics;
using Confluent.Kafka;

namespace Mneme.Platform.Kafka;

internal static class KafkaMetrics
{
    private static readonly Meter Meter = new("Mneme.Kafka");
    private static readonly Gauge<long> LagGauge = Meter.CreateGauge<long>("mneme.kafka.lag", "{event}", "Events of a partition that its consumer has not handled yet.");

    /// <param name="consumer">The consumer.</param>
    /// <param name="partition">The topic's partition.</param>
    /// <param name="events">How many; 0 too when the partition is another instance's now, so that the sum over all instances is right.</param>
    public static void Lag(string consumer, TopicPartition partition, long events) => LagGauge.Record(
        events,
        new KeyValuePair<string, object?>("consumer", consumer),
        new KeyValuePair<string, object?>("topic", partition.Topic),
        new KeyValuePair<string, object?>("partition", partition.Partition.Value));
}
