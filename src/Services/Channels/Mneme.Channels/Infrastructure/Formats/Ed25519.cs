using System.Runtime.InteropServices;

namespace Mneme.Channels.Infrastructure.Formats;

/// <summary>
/// Verifies Ed25519 signatures (RFC 8032). .NET 10 has no such algorithm on its own, so this calls the OpenSSL 3 that .NET itself does its cryptography with on Linux.
/// </summary>
internal static partial class Ed25519
{
    public const int PublicKeyLength = 32;
    public const int SignatureLength = 64;

    // openssl/obj_mac.h: NID_ED25519.
    private const int KeyType = 1087;
    private const string Library = "libcrypto.so.3";

    public static bool Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        if (publicKey.Length != PublicKeyLength || signature.Length != SignatureLength)
            return false;
        var key = NewRawPublicKey(KeyType, 0, publicKey, (nuint)publicKey.Length);
        var context = NewContext();
        try
        {
            // 1 is success; everything else, a point that is not on the curve included, is none.
            return key != 0 && context != 0
                && VerifyInit(context, 0, 0, 0, key) == 1
                && VerifyOnce(context, signature, (nuint)signature.Length, message, (nuint)message.Length) == 1;
        }
        finally
        {
            // Both take null.
            FreeContext(context);
            FreeKey(key);
            // What OpenSSL says of a failure would otherwise wait on this thread for whoever asks next.
            ClearErrors();
        }
    }

    [LibraryImport(Library, EntryPoint = "EVP_PKEY_new_raw_public_key")]
    private static partial nint NewRawPublicKey(int type, nint engine, ReadOnlySpan<byte> key, nuint length);

    [LibraryImport(Library, EntryPoint = "EVP_PKEY_free")]
    private static partial void FreeKey(nint key);

    [LibraryImport(Library, EntryPoint = "EVP_MD_CTX_new")]
    private static partial nint NewContext();

    [LibraryImport(Library, EntryPoint = "EVP_MD_CTX_free")]
    private static partial void FreeContext(nint context);

    [LibraryImport(Library, EntryPoint = "EVP_DigestVerifyInit")]
    private static partial int VerifyInit(nint context, nint keyContext, nint digest, nint engine, nint key);

    [LibraryImport(Library, EntryPoint = "EVP_DigestVerify")]
    private static partial int VerifyOnce(nint context, ReadOnlySpan<byte> signature, nuint signatureLength, ReadOnlySpan<byte> message, nuint messageLength);

    [LibraryImport(Library, EntryPoint = "ERR_clear_error")]
    private static partial void ClearErrors();
}
