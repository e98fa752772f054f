using Mneme.IntegrationTests.Support;

namespace Mneme.IntegrationTests.DemoThings;

/// <summary>For the test that every operation serves its owner and nobody else.</summary>
internal sealed class OwnedDemoThing : IOwnedResource
{
    public string Collection => "demo-things";

    public Dictionary<string, object?> New(string mark) => new() { ["title"] = $"Water {mark}" };

    public IReadOnlyDictionary<string, Dictionary<string, object?>> Bodies { get; } = new Dictionary<string, Dictionary<string, object?>>(StringComparer.Ordinal)
    {
        ["PATCH demo-things/{id}"] = new() { ["description"] = "Every day" },
    };
}
