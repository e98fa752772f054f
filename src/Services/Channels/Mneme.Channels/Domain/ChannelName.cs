using Mneme.Platform;
using Mneme.Platform.Domain;

namespace Mneme.Channels.Domain;

/// <summary>What a person calls a channel: one line of 1 to 100 characters.</summary>
internal sealed record ChannelName
{
    public const int MaxLength = 100;

    private ChannelName(string value) => Value = value;

    public string Value { get; }

    public static Outcome<ChannelName> Parse(string text) => Text.OneLine(text) is { Length: <= MaxLength } name
        ? new ChannelName(name)
        : Problem.Invalid("name", $"Give it a name of 1 to {MaxLength} characters that can be seen.");

    /// <summary>A name that was parsed before it was stored.</summary>
    public static ChannelName Stored(string value) => new(value);

    public override string ToString() => Value;
}
