using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Mneme.Channels.Infrastructure.Formats;

/// <summary>Reads JSON whose shape others decide: what is missing, or of another type than expected, is null instead of an error.</summary>
internal static class ForeignJson
{
    // Telegram quotes messages within messages.
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 64 };

    /// <exception cref="BadHttpRequestException">It is not a JSON object.</exception>
    public static JsonDocument Parse(byte[] body)
    {
        try
        {
            var document = JsonDocument.Parse(body, Options);
            return document.RootElement.ValueKind == JsonValueKind.Object ? document : throw new JsonException("It is not an object.");
        }
        catch (JsonException e)
        {
            throw new BadHttpRequestException("The body must be a JSON object.", e);
        }
    }

    public static JsonElement? Object(this JsonElement? element, string name) =>
        element is { ValueKind: JsonValueKind.Object } parent && parent.TryGetProperty(name, out var child) && child.ValueKind == JsonValueKind.Object ? child : null;

    public static IEnumerable<JsonElement> Items(this JsonElement? element, string name) =>
        element is { ValueKind: JsonValueKind.Object } parent && parent.TryGetProperty(name, out var child) && child.ValueKind == JsonValueKind.Array ? child.EnumerateArray() : [];

    public static string? Text(this JsonElement? element, string name)
    {
        if (element is not { ValueKind: JsonValueKind.Object } parent || !parent.TryGetProperty(name, out var child) || child.ValueKind != JsonValueKind.String)
            return null;
        try
        {
            return child.GetString();
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair.
            return null;
        }
    }

    public static long? Number(this JsonElement? element, string name) =>
        element is { ValueKind: JsonValueKind.Object } parent && parent.TryGetProperty(name, out var child) && child.ValueKind == JsonValueKind.Number && child.TryGetInt64(out var number)
            ? number
            : null;
}
