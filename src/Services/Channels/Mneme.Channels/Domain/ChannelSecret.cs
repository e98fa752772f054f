using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Mneme.Channels.Domain;

/// <summary>
/// What the senders of a channel share with Mneme: 256 bits, derived from the installation's key, the channel and the secret's generation. So no secret is stored, none can stand
/// in the channel's history, and rotating is counting up.
/// </summary>
internal sealed class ChannelSecret
{
    /// <summary>Length of the installation's key, in bytes.</summary>
    public const int KeyLength = 32;

    // Standard Webhooks marks its secrets, so that they are known for what they are.
    private const string WebhookPrefix = "whsec_";

    private readonly byte[] _bytes;

    private ChannelSecret(byte[] bytes, string text) => (_bytes, Text) = (bytes, text);

    /// <summary>As the person enters it at the sender. Of a webhook <c>whsec_</c> and base64, of others base64url, which Telegram takes as a secret token.</summary>
    public string Text { get; }

    public ReadOnlySpan<byte> Bytes => _bytes;

    public static ChannelSecret Derive(byte[] installationKey, Guid channelId, ChannelType type, int generation)
    {
        Span<byte> purpose = stackalloc byte[16 + sizeof(int)];
        channelId.TryWriteBytes(purpose, bigEndian: true, out _);
        BinaryPrimitives.WriteInt32BigEndian(purpose[16..], generation);
        var bytes = HMACSHA256.HashData(installationKey, purpose);
        return new ChannelSecret(bytes, type == ChannelType.Webhook ? WebhookPrefix + Convert.ToBase64String(bytes) : Base64Url.EncodeToString(bytes));
    }

    /// <summary>Compares in a time that does not depend on where the first difference is.</summary>
    public bool IsSameAs(string given) => CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(given), Encoding.UTF8.GetBytes(Text));
}
