using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Mneme.Platform.Domain;

namespace Mneme.Capture.Domain;

/// <summary>A JSON object that the capturing program wants to keep with a capture; nothing here reads it.</summary>
internal sealed record CaptureMetadata(string? Json)
{
    public const int MaxBytes = 4096;

    public static Outcome<CaptureMetadata> Of(JsonObject? metadata)
    {
        if (metadata is null or { Count: 0 })
            return new CaptureMetadata(Json: null);
        try
        {
            var json = metadata.ToJsonString();
            if (Encoding.UTF8.GetByteCount(json) > MaxBytes)
                return Problem.Invalid("metadata", $"At most {MaxBytes} bytes as JSON.");
            return IsStorable(json) ? new CaptureMetadata(json) : Problem.Invalid("metadata", "Text must not contain the character U+0000.");
        }
        catch (InvalidOperationException)
        {
            return Problem.Invalid("metadata", "Text must be valid Unicode: it contains half of a surrogate pair.");
        }
    }

    private static bool IsStorable(string json)
    {
        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(json));
        while (reader.Read())
        {
            if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName && reader.GetString()!.Contains('\0', StringComparison.Ordinal))
                return false;
        }

        return true;
    }
}
