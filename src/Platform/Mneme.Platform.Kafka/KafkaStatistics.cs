using System.Text.Json;
using Confluent.Kafka;

namespace Mneme.Platform.Kafka;

/// <summary>What is of interest in the statistics that librdkafka emits as JSON (its STATISTICS.md).</summary>
/// <param name="IsConnected">Whether the connection to some broker is up.</param>
/// <param name="Lags">Events that wait in each partition that is read here; those unknown yet are not listed.</param>
internal sealed record KafkaStatistics(bool IsConnected, IReadOnlyList<(TopicPartition Partition, long Lag)> Lags)
{
    public static KafkaStatistics Read(string json)
    {
        using var document = JsonDocument.Parse(json);
        var isConnected = document.RootElement.GetProperty("brokers").EnumerateObject()
            .Any(broker => broker.Value.GetProperty("nodeid").GetInt64() >= 0 && broker.Value.GetProperty("state").GetString() == "UP");
        var lags = new List<(TopicPartition, long)>();
        foreach (var topic in document.RootElement.GetProperty("topics").EnumerateObject())
        {
            foreach (var partition in topic.Value.GetProperty("partitions").EnumerateObject())
            {
                var number = partition.Value.GetProperty("partition").GetInt32();
                if (number >= 0 && Lag(partition.Value) is >= 0 and var lag)
                    lags.Add((new TopicPartition(topic.Name, number), lag));
            }
        }

        return new KafkaStatistics(isConnected, lags);
    }

    /// <summary>The end of the partition less what is stored as handled, else what is committed, else its beginning. Negative if the brokers have not told it yet.</summary>
    private static long Lag(JsonElement partition)
    {
        var end = partition.GetProperty("hi_offset").GetInt64();
        foreach (var from in (string[])["stored_offset", "committed_offset", "lo_offset"])
        {
            if (partition.GetProperty(from).GetInt64() is >= 0 and var offset)
                return Math.Max(-1, end - offset);
        }

        return -1;
    }
}
