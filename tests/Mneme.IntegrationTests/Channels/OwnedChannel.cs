using Mneme.IntegrationTests.Support;

namespace Mneme.IntegrationTests.Channels;

internal sealed class OwnedChannel : IOwnedResource
{
    public string Collection => "channels";

    // Of a type with a secret, so that it can be rotated.
    public Dictionary<string, object?> New(string mark) => new() { ["type"] = "TELEGRAM", ["name"] = $"Rivers {mark}" };

    public IReadOnlyDictionary<string, Dictionary<string, object?>> Bodies { get; } = new Dictionary<string, Dictionary<string, object?>>(StringComparer.Ordinal)
    {
        ["PATCH channels/{id}"] = new() { ["name"] = "Old news" },
    };
}
