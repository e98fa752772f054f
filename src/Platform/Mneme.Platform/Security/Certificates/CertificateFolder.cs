using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Mneme.Platform.Persistence.Cluster;

namespace Mneme.Platform.Security.Certificates;

/// <summary>
/// The files: <c>ca.pem</c>, all trusted authorities; <c>NAME.pem</c> and <c>NAME.key</c> of each service; and, only where certificates are issued,
/// <c>ca.key</c> and, while an authority is announced, <c>ca.next.key</c>. Files are replaced whole, and keys are for the program's user only.
/// </summary>
internal sealed class CertificateFolder(string path)
{
    public string Path { get; } = path;

    public string Trusted => In("ca.pem");

    public string AuthorityKey => In("ca.key");

    public string NextAuthorityKey => In("ca.next.key");

    public string CertificateOf(string service) => In(service + ".pem");

    public string KeyOf(string service) => In(service + ".key");

    /// <summary>The trusted authorities; at least one.</summary>
    /// <exception cref="CertificateException">The file is missing or holds no certificate.</exception>
    public X509Certificate2Collection ReadTrusted()
    {
        var trusted = new X509Certificate2Collection();
        try
        {
            trusted.ImportFromPem(File.ReadAllText(Trusted));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CertificateException($"there is no {Trusted}: make an authority with `mneme certs init`, or copy the file from where it was made.", e);
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new CertificateException($"{Trusted} cannot be read: {e.Message}", e);
        }

        return trusted.Count > 0 ? trusted : throw new CertificateException($"{Trusted} holds no certificate: copy it again from where it was made.");
    }

    /// <summary>The trusted authority whose key lies in a file, with that key; null if there is no such file.</summary>
    /// <exception cref="CertificateException">The key cannot be read, or is of no trusted authority.</exception>
    public X509Certificate2? ReadAuthority(string keyFile)
    {
        if (!File.Exists(keyFile))
            return null;
        try
        {
            using var key = ECDsa.Create();
            key.ImportFromPem(File.ReadAllText(keyFile));
            var own = key.ExportSubjectPublicKeyInfo();
            var certificate = ReadTrusted().FirstOrDefault(authority => authority.PublicKey.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(own))
                ?? throw new CertificateException($"{keyFile} is the key of none of the authorities in {Trusted}: restore both from the same backup.");
            return certificate.CopyWithPrivateKey(key);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException or IOException or UnauthorizedAccessException)
        {
            throw new CertificateException($"{keyFile} cannot be read: {e.Message}", e);
        }
    }

    /// <summary>A service's certificate with its key; null if neither file is there.</summary>
    /// <exception cref="CertificateException">One of the files is missing or damaged, they do not belong together, or they are another service's.</exception>
    public X509Certificate2? Read(string service)
    {
        var (certificateFile, keyFile) = (CertificateOf(service), KeyOf(service));
        if (!File.Exists(certificateFile) && !File.Exists(keyFile))
            return null;
        try
        {
            var certificate = X509Certificate2.CreateFromPemFile(certificateFile, keyFile);
            return ServiceIdentity.Of(certificate) == service
                ? certificate
                : throw new CertificateException($"{certificateFile} is not a certificate of '{service}': issue one with `mneme certs issue {service}`.");
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException or IOException or UnauthorizedAccessException)
        {
            throw new CertificateException($"the certificate of '{service}' ({certificateFile}, {keyFile}) cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Names of the services that have a certificate here.</summary>
    public IReadOnlyList<string> Services => Directory.Exists(Path)
        ? [.. Directory.EnumerateFiles(Path, "*.pem").Select(file => System.IO.Path.GetFileNameWithoutExtension(file)!).Where(name => name != "ca").Order(StringComparer.Ordinal)]
        : [];

    public void WriteTrusted(IEnumerable<X509Certificate2> authorities) =>
        Write(Trusted, string.Concat(authorities.Select(authority => authority.ExportCertificatePem() + "\n")), isSecret: false);

    public void WriteKey(string file, X509Certificate2 certificate)
    {
        using var key = certificate.GetECDsaPrivateKey()!;
        Write(file, key.ExportPkcs8PrivateKeyPem() + "\n", isSecret: true);
    }

    /// <summary>The key first: whoever reads between the two finds that they do not belong together, keeps what it has and reads again.</summary>
    public void Write(string service, X509Certificate2 certificate)
    {
        WriteKey(KeyOf(service), certificate);
        Write(CertificateOf(service), certificate.ExportCertificatePem() + "\n", isSecret: false);
    }

    public void Create() => Posix.CreateFolder(Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

    /// <summary>Keeps others from changing the folder until it is disposed.</summary>
    /// <exception cref="CertificateException">Somebody else is changing it.</exception>
    public IDisposable Lock()
    {
        try
        {
            return new FileStream(In("certs.lock"), FileMode.OpenOrCreate, FileAccess.Write, FileShare.None);
        }
        catch (IOException e)
        {
            throw new CertificateException($"another `mneme certs` is changing {Path}: wait until it has ended.", e);
        }
    }

    private static void Write(string file, string text, bool isSecret)
    {
        const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        // Backups leave such drafts out.
        var draft = $"{file}.{Guid.NewGuid():n}.partial";
        using (var stream = Posix.OpenToWrite(draft, FileMode.CreateNew, isSecret ? Owner : Owner | UnixFileMode.GroupRead | UnixFileMode.OtherRead))
        {
            stream.Write(System.Text.Encoding.ASCII.GetBytes(text));
            stream.Flush(flushToDisk: true);
        }

        File.Move(draft, file, overwrite: true);
        Posix.FlushFolder(System.IO.Path.GetDirectoryName(file)!);
    }

    private string In(string name) => System.IO.Path.Combine(Path, name);
}
