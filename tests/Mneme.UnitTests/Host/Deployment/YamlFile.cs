using System.Globalization;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.Serialization;

namespace Mneme.UnitTests.Host.Deployment;

/// <summary>YAML as the tools read it, with merges applied, as JSON nodes that tests can walk through.</summary>
internal static class YamlFile
{
    public static IReadOnlyList<JsonNode> Documents(string path)
    {
        using var reader = new StreamReader(Repository.File(path));
        var parser = new MergingParser(new Parser(reader));
        var deserializer = new DeserializerBuilder().WithAttemptingUnquotedStringTypeDeserialization().Build();
        var documents = new List<JsonNode>();
        parser.Consume<StreamStart>();
        while (parser.Accept<DocumentStart>(out _))
            documents.Add(Node(deserializer.Deserialize(parser))!);
        return documents;
    }

    /// <summary>The value under a path of keys and, for lists, indexes.</summary>
    public static JsonNode? At(this JsonNode node, params IReadOnlyList<object> path) =>
        path.Aggregate((JsonNode?)node, (at, step) => step is int index ? at?.AsArray().ElementAtOrDefault(index) : at is JsonObject map ? map[(string)step] : null);

    public static string Text(this JsonNode node, params IReadOnlyList<object> path) =>
        node.At(path) is { } value ? value.ToString() : throw new ShouldAssertException($"There is no {string.Join('.', path)} in {node}");

    public static IReadOnlyList<JsonNode> List(this JsonNode node, params IReadOnlyList<object> path) => [.. (node.At(path)?.AsArray() ?? []).OfType<JsonNode>()];

    /// <summary>The list's element of a name, as Kubernetes names containers, ports and volumes.</summary>
    public static JsonNode Named(this IReadOnlyList<JsonNode> list, string name) => list.Single(item => item.Text("name") == name);

    /// <summary>Names and values of a map of scalars; a value that is missing is null.</summary>
    public static IReadOnlyDictionary<string, string?> Map(this JsonNode node, params IReadOnlyList<object> path) =>
        (node.At(path)?.AsObject() ?? []).ToDictionary(pair => pair.Key, pair => pair.Value?.ToString(), StringComparer.Ordinal);

    private static JsonNode? Node(object? value) => value switch
    {
        null => null,
        IDictionary<object, object> map => new JsonObject(map.Select(pair => KeyValuePair.Create((string)pair.Key, Node(pair.Value)))),
        IEnumerable<object> list => new JsonArray([.. list.Select(Node)]),
        bool flag => JsonValue.Create(flag),
        string text => JsonValue.Create(text),
        IConvertible number => JsonValue.Create(number.ToDouble(CultureInfo.InvariantCulture)),
        _ => throw new NotSupportedException($"{value.GetType()} in YAML"),
    };
}
