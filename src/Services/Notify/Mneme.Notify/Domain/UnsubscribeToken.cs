using System.Buffers.Text;
using System.Security.Cryptography;

namespace Mneme.Notify.Domain;

/// <summary>
/// The secret part of a link that turns one kind of mail off for one person: who and what, signed with a key of the person's own. It needs no row for each
/// mail, works as long as the account exists, and gives nobody any other right.
/// </summary>
internal static class UnsubscribeToken
{
    public const int KeyLength = 32;

    private const int IdLength = 16;
    private const int ContentLength = IdLength + 1;
    private const int Length = ContentLength + HMACSHA256.HashSizeInBytes;

    public static byte[] NewKey() => RandomNumberGenerator.GetBytes(KeyLength);

    public static string Create(Guid userId, NotificationKind kind, byte[] key)
    {
        Span<byte> token = stackalloc byte[Length];
        userId.TryWriteBytes(token, bigEndian: true, out _);
        token[IdLength] = (byte)kind;
        HMACSHA256.HashData(key, token[..ContentLength], token[ContentLength..]);
        return Base64Url.EncodeToString(token);
    }

    /// <returns>Whom and what the token claims to be about; null if it is none. To be believed after <see cref="IsGenuine"/>.</returns>
    public static (Guid UserId, NotificationKind Kind)? Read(string token)
    {
        Span<byte> bytes = stackalloc byte[Length];
        return TryDecode(token, bytes) && (NotificationKind)bytes[IdLength] is var kind && Enum.IsDefined(kind)
            ? (new Guid(bytes[..IdLength], bigEndian: true), kind)
            : null;
    }

    public static bool IsGenuine(string token, byte[] key)
    {
        Span<byte> bytes = stackalloc byte[Length];
        Span<byte> expected = stackalloc byte[HMACSHA256.HashSizeInBytes];
        if (!TryDecode(token, bytes))
            return false;
        HMACSHA256.HashData(key, bytes[..ContentLength], expected);
        return CryptographicOperations.FixedTimeEquals(bytes[ContentLength..], expected);
    }

    // Base64Url throws on some malformed input instead of saying no.
    private static bool TryDecode(string token, Span<byte> bytes) =>
        Base64Url.IsValid(token, out var length) && length == Length && Base64Url.TryDecodeFromChars(token, bytes, out _);
}
