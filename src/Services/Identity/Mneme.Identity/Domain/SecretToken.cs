using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Mneme.Identity.Domain;

/// <summary>256 random bits that only their holder knows: the database keeps their SHA-256, which is enough for what cannot be guessed.</summary>
internal readonly record struct SecretToken(string Text, byte[] Hash)
{
    /// <summary>Longer texts are none of ours and are not hashed.</summary>
    public const int MaxLength = 128;

    public static SecretToken New()
    {
        var text = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        return new SecretToken(text, HashOf(text));
    }

    public static byte[] HashOf(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
