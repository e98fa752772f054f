using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Mneme.Platform.Configuration;

namespace Mneme.Identity.Infrastructure;

/// <summary>
/// The installation's key file, which protects private signing keys in the database: a copy of the database alone signs nothing. It is made on first
/// use, readable by the program's user only. Instances that share the file share their signing keys; without it new keys are made.
/// </summary>
internal sealed class KeyFile
{
    private const int KeyBytes = 32;
    private const int NonceBytes = 12;
    private const int TagBytes = 16;

    private readonly byte[] _key;

    public KeyFile(DataOptions data)
        : this(LoadOrCreate(Path.Combine(Path.GetFullPath(data.Folder), "keys")))
    {
    }

    private KeyFile(byte[] secret)
    {
        _key = Derive(secret, "mneme signing keys");
        Id = Convert.ToHexStringLower(Derive(secret, "mneme key file id").AsSpan(0, 8));
    }

    /// <summary>Names the file without telling anything about its content.</summary>
    public string Id { get; }

    /// <summary>AES-256-GCM, bound to the name of what is protected: nonce, ciphertext, tag.</summary>
    public byte[] Protect(ReadOnlySpan<byte> plain, string name)
    {
        var result = new byte[NonceBytes + plain.Length + TagBytes];
        RandomNumberGenerator.Fill(result.AsSpan(0, NonceBytes));
        using var aes = new AesGcm(_key, TagBytes);
        aes.Encrypt(result.AsSpan(0, NonceBytes), plain, result.AsSpan(NonceBytes, plain.Length), result.AsSpan(NonceBytes + plain.Length), Encoding.UTF8.GetBytes(name));
        return result;
    }

    /// <exception cref="CryptographicException">It was protected with another file, under another name, or changed.</exception>
    public byte[] Unprotect(ReadOnlySpan<byte> protectedBytes, string name)
    {
        if (protectedBytes.Length < NonceBytes + TagBytes)
            throw new CryptographicException("Too short to be a protected key.");
        var plain = new byte[protectedBytes.Length - NonceBytes - TagBytes];
        using var aes = new AesGcm(_key, TagBytes);
        aes.Decrypt(protectedBytes[..NonceBytes], protectedBytes[NonceBytes..^TagBytes], protectedBytes[^TagBytes..], plain, Encoding.UTF8.GetBytes(name));
        return plain;
    }

    private static byte[] Derive(byte[] secret, string purpose) => HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, KeyBytes, info: Encoding.UTF8.GetBytes(purpose));

    private static byte[] LoadOrCreate(string folder)
    {
        if (OperatingSystem.IsWindows())
            throw new PlatformNotSupportedException("The key file is protected by Unix permissions.");
        const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        var path = Path.Combine(folder, "identity.key");
        Directory.CreateDirectory(folder, OwnerOnly | UnixFileMode.UserExecute);
        if (!File.Exists(path))
        {
            // Written whole under another name, then linked: of several instances that start at once the first wins, and nobody reads half a key.
            var draft = $"{path}.{Guid.NewGuid():n}";
            using (var file = new FileStream(draft, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = OwnerOnly }))
            {
                file.Write(RandomNumberGenerator.GetBytes(KeyBytes));
                file.Flush(flushToDisk: true);
            }

            // File.Move looks whether the name is free and then renames, so of two that look at once both would win. It is for file systems without links.
            if (Link(Utf8(draft), Utf8(path)) != 0 && !File.Exists(path))
                File.Move(draft, path, overwrite: false);
            File.Delete(draft);
        }

        var secret = File.ReadAllBytes(path);
        return secret.Length == KeyBytes
            ? secret
            : throw new InvalidOperationException($"The key file {path} is damaged: it has {secret.Length} bytes instead of {KeyBytes}. Restore it from a backup, or delete it and everybody stays signed in with new keys.");
    }

    private static byte[] Utf8(string path) => Encoding.UTF8.GetBytes(path + '\0');

    [DllImport("libc", EntryPoint = "link")]
    private static extern int Link(byte[] existing, byte[] name);
}
