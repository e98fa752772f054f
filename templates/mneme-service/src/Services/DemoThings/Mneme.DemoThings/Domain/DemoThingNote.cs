using Mneme.Platform;
using Mneme.Platform.Domain;

namespace Mneme.DemoThings.Domain;

/// <summary>What there is to say about it: up to 2,000 characters in any number of lines, or nothing.</summary>
internal sealed record DemoThingNote
{
    public const int MaxLength = 2_000;

    private DemoThingNote(string value) => Value = value;

    public static DemoThingNote None { get; } = new("");

    public string Value { get; }

    public static Outcome<DemoThingNote> Parse(string text) => Text.Clean(text) is { Length: <= MaxLength } note
        ? new DemoThingNote(note)
        : Problem.Invalid("note", $"A note has up to {MaxLength} characters.");

    /// <summary>A note that was parsed before it was stored.</summary>
    public static DemoThingNote Stored(string value) => new(value);

    public override string ToString() => Value;
}
