using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Mneme.Platform.Messaging;

/// <summary>
/// CloudEvents 1.0 in structured JSON mode, with the extensions <c>traceparent</c> (distributed tracing) and <c>topic</c>.
/// See https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md.
/// </summary>
public static class CloudEvents
{
    private const string SourcePrefix = "/mneme/";

    public static string Write(EventEnvelope envelope)
    {
        var buffer = new ArrayBufferWriter<byte>(envelope.Data.Length + 384);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("specversion", "1.0");
            writer.WriteString("id", envelope.Id);
            writer.WriteString("source", SourcePrefix + envelope.Source);
            writer.WriteString("type", envelope.Type);
            writer.WriteString("subject", envelope.PartitionKey);
            writer.WriteString("time", envelope.Time.UtcDateTime);
            writer.WriteString("datacontenttype", "application/json");
            writer.WriteString("topic", envelope.Topic);
            if (envelope.TraceParent is not null)
                writer.WriteString("traceparent", envelope.TraceParent);
            writer.WritePropertyName("data");
            writer.WriteRawValue(envelope.Data);
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <exception cref="FormatException">The text is not a CloudEvent of ours.</exception>
    public static EventEnvelope Read(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            var root = document.RootElement;
            if (root.GetProperty("specversion").GetString() != "1.0")
                throw new FormatException("Only CloudEvents 1.0 is read.");
            var source = root.GetProperty("source").GetString()!;
            return new EventEnvelope(
                root.GetProperty("id").GetGuid(),
                root.GetProperty("type").GetString()!,
                root.GetProperty("topic").GetString()!,
                source.StartsWith(SourcePrefix, StringComparison.Ordinal) ? source[SourcePrefix.Length..] : source,
                root.GetProperty("subject").GetGuid(),
                root.GetProperty("time").GetDateTimeOffset(),
                root.TryGetProperty("traceparent", out var trace) ? trace.GetString() : null,
                root.GetProperty("data").GetRawText());
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new FormatException("This is not a CloudEvent in structured JSON mode.", e);
        }
    }
}
