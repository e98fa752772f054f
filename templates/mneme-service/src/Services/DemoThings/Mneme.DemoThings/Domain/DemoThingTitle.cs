using Mneme.Platform;
using Mneme.Platform.Domain;

namespace Mneme.DemoThings.Domain;

/// <summary>What a person calls it: one line of 1 to 100 characters.</summary>
internal sealed record DemoThingTitle
{
    public const int MaxLength = 100;

    private DemoThingTitle(string value) => Value = value;

    public string Value { get; }

    public static Outcome<DemoThingTitle> Parse(string text) => Text.OneLine(text) is { Length: <= MaxLength } title
        ? new DemoThingTitle(title)
        : Problem.Invalid("title", $"Give it a title of 1 to {MaxLength} characters that can be seen.");

    /// <summary>A title that was parsed before it was stored.</summary>
    public static DemoThingTitle Stored(string value) => new(value);

    public override string ToString() => Value;
}
