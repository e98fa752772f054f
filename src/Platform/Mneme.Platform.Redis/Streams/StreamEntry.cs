using Mneme.Platform.Messaging;
using Mneme.Platform.Redis.Resp;

namespace Mneme.Platform.Redis.Streams;

/// <summary>An entry of a stream in the hands of a listener.</summary>
internal sealed class StreamEntry(string stream, string id, string body, int previousDeliveries) : Delivery(body, previousDeliveries)
{
    /// <summary>The field that holds the CloudEvent.</summary>
    public const string EventField = "event";

    public string Stream => stream;

    public string Id => id;

    /// <param name="stream">Where it stands.</param>
    /// <param name="id">Its id there.</param>
    /// <param name="fields">Names and values in turn.</param>
    /// <param name="previousDeliveries">How often it was delivered before.</param>
    public static StreamEntry Of(string stream, string id, IReadOnlyList<RespValue> fields, long previousDeliveries) =>
        new(stream, id, EventIn(fields), (int)Math.Min(previousDeliveries, int.MaxValue));

    private static string EventIn(IReadOnlyList<RespValue> fields)
    {
        for (var i = 0; i + 1 < fields.Count; i += 2)
        {
            if (fields[i].AsString() == EventField)
                return fields[i + 1].AsString();
        }

        // Not written by us: shown to the operator as it is.
        return string.Join('\n', fields.Chunk(2).Select(pair => string.Join(": ", pair.Select(part => part.AsString()))));
    }
}
