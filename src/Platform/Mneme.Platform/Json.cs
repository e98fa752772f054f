using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Mneme.Platform;

/// <summary>The one way this program reads and writes JSON.</summary>
public static class Json
{
    /// <summary>camelCase, enums as UPPER_SNAKE words, strict numbers, no duplicate keys, depth 32, no text that PostgreSQL cannot store.
    /// A constructor's parameter without a default is required, so what may be left out has one: <c>string? Hint = null</c>.</summary>
    public static JsonSerializerOptions Options { get; } = Configure(new JsonSerializerOptions(JsonSerializerDefaults.Web));

    public static JsonSerializerOptions Configure(JsonSerializerOptions options)
    {
        options.NumberHandling = JsonNumberHandling.Strict;
        options.AllowDuplicateProperties = false;
        options.MaxDepth = 32;
        options.RespectNullableAnnotations = true;
        options.RespectRequiredConstructorParameters = true;
        options.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseUpper, allowIntegerValues: false));
        options.Converters.Add(new StorableStringConverter());
        options.TypeInfoResolverChain.Add(new DefaultJsonTypeInfoResolver());
        return options;
    }

    /// <summary>Refuses U+0000, which PostgreSQL's text cannot hold; lone surrogates are already refused by the reader.</summary>
    private sealed class StorableStringConverter : JsonConverter<string>
    {
        public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            if (reader.TokenType != JsonTokenType.String)
                throw new JsonException("A string is expected here.");
            try
            {
                var text = reader.GetString();
                return text is not null && text.Contains('\0', StringComparison.Ordinal)
                    ? throw new JsonException("Text must not contain the character U+0000.")
                    : text;
            }
            catch (InvalidOperationException e)
            {
                throw new JsonException("Text must be valid Unicode: it contains half of a surrogate pair.", e);
            }
        }

        public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WriteStringValue(value);
    }
}
