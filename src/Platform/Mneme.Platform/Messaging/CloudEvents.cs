using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Mneme.Platform.Messaging;

/// <summary>
/// CloudEvents 1.0 in structured JSON mode, one alone or several as a batch, with the extensions <c>traceparent</c> (distributed tracing) and <c>topic</c>.
/// See https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md.
/// </summary>
public static class CloudEvents
{
    private const string SourcePrefix = "/mneme/";

    /// <summary>Media type of <see cref="Write(EventEnvelope)"/>.</summary>
    public const string MediaType = "application/cloudevents+json";

    /// <summary>Media type of <see cref="WriteBatch"/>.</summary>
    public const string BatchMediaType = "application/cloudevents-batch+json";

    public static string Write(EventEnvelope envelope)
    {
        var buffer = new ArrayBufferWriter<byte>(envelope.Data.Length + 384);
        using (var writer = new Utf8JsonWriter(buffer))
            Write(writer, envelope);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <returns>An array of events, UTF-8.</returns>
    public static ReadOnlyMemory<byte> WriteBatch(IReadOnlyList<EventEnvelope> envelopes)
    {
        var buffer = new ArrayBufferWriter<byte>(envelopes.Sum(e => e.Data.Length + 384));
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartArray();
            foreach (var envelope in envelopes)
                Write(writer, envelope);
            writer.WriteEndArray();
        }

        return buffer.WrittenMemory;
    }

    private static void Write(Utf8JsonWriter writer, EventEnvelope envelope)
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

    /// <exception cref="FormatException">The text is not a CloudEvent of ours.</exception>
    public static EventEnvelope Read(string text) => ReadAll(text) is [var only] ? only : throw new FormatException("This is not one CloudEvent.");

    /// <summary>Reads one event or a batch.</summary>
    /// <exception cref="FormatException">The text is neither a CloudEvent of ours nor an array of them.</exception>
    public static IReadOnlyList<EventEnvelope> ReadAll(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return document.RootElement.ValueKind == JsonValueKind.Array ? [.. document.RootElement.EnumerateArray().Select(Read)] : [Read(document.RootElement)];
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new FormatException("This is not a CloudEvent in structured JSON mode.", e);
        }
    }

    private static EventEnvelope Read(JsonElement root)
    {
        if (root.GetProperty("specversion").GetString() != "1.0")
            throw new FormatException("Only CloudEvents 1.0 is read.");
        var source = Text(root, "source");
        return new EventEnvelope(
            root.GetProperty("id").GetGuid(),
            Text(root, "type"),
            Text(root, "topic"),
            source.StartsWith(SourcePrefix, StringComparison.Ordinal) ? source[SourcePrefix.Length..] : source,
            root.GetProperty("subject").GetGuid(),
            root.GetProperty("time").GetDateTimeOffset(),
            root.TryGetProperty("traceparent", out var trace) ? trace.GetString() : null,
            root.GetProperty("data").GetRawText());
    }

    private static string Text(JsonElement root, string attribute) =>
        root.GetProperty(attribute).GetString() ?? throw new FormatException($"The attribute {attribute} is null.");
}
