using System.Buffers.Text;
using System.Security.Cryptography;

namespace Mneme.Channels.Domain;

/// <summary>The unguessable part of the address that a channel's messages are sent to: 128 random bits. It names the channel and proves nothing.</summary>
internal sealed record ChannelKey(string Value)
{
    public const int Length = 22;

    private const int Bytes = 16;

    public static ChannelKey New() => new(Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(Bytes)));

    /// <returns>Null if no channel can have it.</returns>
    public static ChannelKey? Parse(string text) => text.Length == Length && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_') ? new ChannelKey(text) : null;

    public override string ToString() => Value;
}
