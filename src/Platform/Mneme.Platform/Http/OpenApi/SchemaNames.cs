using System.Collections.Concurrent;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.OpenApi;

namespace Mneme.Platform.Http.OpenApi;

/// <summary>
/// Names of schemas: the type's own, and where two services have a type of one name, the later with its service in front. The same type has the same name in
/// every document.
/// </summary>
internal sealed class SchemaNames
{
    private readonly Lock _turn = new();
    private readonly Dictionary<string, Type> _byName = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<Type, string> _byType = new();

    public string? Of(JsonTypeInfo type) =>
        OpenApiOptions.CreateDefaultSchemaReferenceId(type) is { } name ? _byType.GetOrAdd(Nullable.GetUnderlyingType(type.Type) ?? type.Type, Choose, name) : null;

    private string Choose(Type type, string name)
    {
        lock (_turn)
        {
            var chosen = name;
            if (_byName.TryGetValue(chosen, out var other) && other != type)
                chosen = Service(type) + name;
            for (var i = 2; _byName.TryGetValue(chosen, out other) && other != type; i++)
                chosen = $"{Service(type)}{name}{i}";
            _byName[chosen] = type;
            return chosen;
        }
    }

    private static string Service(Type type) => (type.Namespace ?? "").Split('.') is ["Mneme", var service, ..] ? service : "";
}
