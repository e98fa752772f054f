using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Mneme.Platform.Security.Certificates;

/// <summary>
/// The authority of one installation: ECDSA P-256, self-signed, and it signs services' certificates only, none of another authority. Profiles follow RFC 5280.
/// </summary>
internal static class CertificateAuthority
{
    public const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    public const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    // Clocks of machines differ a little; a certificate is to be good everywhere at once.
    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(10);

    /// <returns>The authority's certificate with its key.</returns>
    public static X509Certificate2 Create(DateTimeOffset now, TimeSpan life)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        // A name of its own for each: while two are trusted, people and tools can tell them apart.
        var request = new CertificateRequest($"CN=Mneme authority {Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4))}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(X509BasicConstraintsExtension.CreateForCertificateAuthority(pathLengthConstraint: 0));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        return request.CreateSelfSigned(now - Skew, now + life);
    }

    /// <summary>Makes a key for a service, and a certificate that outlives neither <paramref name="life"/> nor the authority.</summary>
    public static X509Certificate2 Issue(X509Certificate2 authority, string service, DateTimeOffset now, TimeSpan life)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={service}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(X509BasicConstraintsExtension.CreateForEndEntity(critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(ServerAuthentication), new Oid(ClientAuthentication)], critical: false));
        request.CertificateExtensions.Add(ServiceIdentity.Names(service));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(authority, includeKeyIdentifier: true, includeIssuerAndSerial: false));
        var (begin, end) = (now - Skew, now + life);
        var (earliest, latest) = (new DateTimeOffset(authority.NotBefore), new DateTimeOffset(authority.NotAfter));
        using var certificate = request.Create(authority, begin < earliest ? earliest : begin, end > latest ? latest : end, RandomNumberGenerator.GetBytes(16));
        return certificate.CopyWithPrivateKey(key);
    }

    /// <summary>Whether the authority's key signed the certificate. Says nothing about validity.</summary>
    public static bool HasSigned(X509Certificate2 authority, X509Certificate2 certificate)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy = PolicyOf([authority], certificate.NotBefore.ToUniversalTime());
        // A certificate is good from its first second, and the authority lived then.
        return chain.Build(certificate);
    }

    /// <summary>Trust in these authorities and nobody else's, at an instant; nothing is fetched from anywhere.</summary>
    public static X509ChainPolicy PolicyOf(X509Certificate2Collection trusted, DateTime instant)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
            VerificationTime = instant,
        };
        policy.CustomTrustStore.AddRange(trusted);
        return policy;
    }
}
