using System.Text.Json;
using System.Text.Json.Serialization;
using Mneme.Channels.Domain;
using Mneme.Platform;

namespace Mneme.Channels.Infrastructure;

/// <summary>
/// Events and snapshots as stores keep them. An event's name here is stored for good, whatever becomes of the record's; a property that is added later must have a default.
/// </summary>
internal static class ChannelJson
{
    private static readonly JsonSerializerOptions Options = new(Json.Options)
    {
        Converters =
        {
            new AsText<ChannelType>(ChannelType.Of, type => type.Name),
            new AsText<ChannelName>(ChannelName.Stored, name => name.Value),
            new AsText<ChannelKey>(text => new ChannelKey(text), key => key.Value),
        },
    };

    private static readonly Dictionary<string, Type> Types = new(StringComparer.Ordinal)
    {
        ["registered"] = typeof(Registered),
        ["renamed"] = typeof(Renamed),
        ["paused"] = typeof(Paused),
        ["resumed"] = typeof(Resumed),
        ["secret-rotated"] = typeof(SecretRotated),
    };

    private static readonly Dictionary<Type, string> Names = Types.ToDictionary(type => type.Value, type => type.Key);

    public static string NameOf(ChannelEvent e) => Names[e.GetType()];

    public static string Write(ChannelEvent e) => JsonSerializer.Serialize(e, e.GetType(), Options);

    /// <exception cref="JsonException">A newer version of the program wrote it.</exception>
    public static ChannelEvent ReadEvent(string name, string json) =>
        Types.TryGetValue(name, out var type) ? (ChannelEvent)JsonSerializer.Deserialize(json, type, Options)! : throw new JsonException($"Events named '{name}' are not known to this version.");

    public static string Write(ChannelState state) => JsonSerializer.Serialize(state, Options);

    public static ChannelState ReadState(string json) => JsonSerializer.Deserialize<ChannelState>(json, Options)!;

    /// <summary>A value that is one text.</summary>
    private sealed class AsText<T>(Func<string, T> read, Func<T, string> write) : JsonConverter<T>
    {
        public override T? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => read(reader.GetString()!);

        public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => writer.WriteStringValue(write(value));
    }
}
