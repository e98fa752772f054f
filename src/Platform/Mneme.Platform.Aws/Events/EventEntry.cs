using System.Text;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Mneme.Platform.Aws.Client;
using Mneme.Platform.Messaging;

namespace Mneme.Platform.Aws.Events;

/// <summary>An event as EventBridge takes it. <see cref="Detail"/> is the CloudEvent, and all that reaches a queue.</summary>
internal sealed record EventEntry(string EventBusName, string Source, string DetailType, string Detail, double Time)
{
    /// <summary>How many one request may carry.</summary>
    public const int MaxBatch = 10;

    /// <summary>Bytes of all entries of a request (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevent-size.html).</summary>
    public const int MaxSize = 256 * 1024 - 1;

    /// <summary>Bytes of a message, its attributes included.</summary>
    public const int MaxMessage = 1024 * 1024;

    private const int TimeSize = 14;

    public static EventEntry Of(EventEnvelope envelope, AwsNames names)
    {
        var entry = new EventEntry(names.Bus, names.Source, envelope.Type, CloudEvents.Write(envelope), envelope.Time.ToUnixTimeMilliseconds() / 1000.0);
        // Letters outside ASCII are six bytes as JSON's escapes, two or three as they are.
        return entry.Size <= MaxSize ? entry : entry with { Detail = JsonNode.Parse(entry.Detail)!.ToJsonString(AwsCall.JsonOptions) };
    }

    /// <summary>What EventBridge counts, in bytes.</summary>
    [JsonIgnore]
    public int Size => TimeSize + Encoding.UTF8.GetByteCount(Source) + Encoding.UTF8.GetByteCount(DetailType) + Encoding.UTF8.GetByteCount(Detail);

    /// <summary>In their order, as many together as one request may carry.</summary>
    /// <param name="entries">None of them too large for a request of its own.</param>
    public static IEnumerable<IReadOnlyList<EventEntry>> Batches(IEnumerable<EventEntry> entries) => entries.InBatches(MaxBatch, MaxSize, entry => entry.Size);
}
