using Mneme.Platform;
using Mneme.Platform.Domain;

namespace Mneme.DemoThings.Domain;

/// <summary>What there is to say about it: up to 2,000 characters in any number of lines, or nothing.</summary>
internal sealed record DemoThingDescription
{
    public const int MaxLength = 2_000;

    private DemoThingDescription(string value) => Value = value;

    public static DemoThingDescription None { get; } = new("");

    public string Value { get; }

    public static Outcome<DemoThingDescription> Parse(string text) => Text.Clean(text) is { Length: <= MaxLength } description
        ? new DemoThingDescription(description)
        : Problem.Invalid("description", $"A description has up to {MaxLength} characters.");

    /// <summary>A description that was parsed before it was stored.</summary>
    public static DemoThingDescription Stored(string value) => new(value);

    public override string ToString() => Value;
}
