using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Mneme.Platform.Security.Certificates;

namespace Mneme.Platform.Asking.Brokers;

/// <summary>
/// Who signed a message: the service that the certificate in it names, if an authority of ours vouches for it now. Over a connection that is found out once, here for each message, so what was found out about a
/// certificate is kept until it expires or other authorities are trusted.
/// </summary>
internal sealed class Signers(ServiceCertificates certificates, TimeProvider time)
{
    // A service has one at a time; a renewed one comes every few weeks. Only what is believed is kept, so nobody else fills this.
    private const int MostKept = 1000;

    private readonly ConcurrentDictionary<(string Digest, string Usage), Known> _known = new();

    private sealed record Known(string Service, ECDsa Key, int TrustGeneration, DateTime NotAfter);

    /// <param name="message">The message.</param>
    /// <param name="certificate">The certificate that it brought.</param>
    /// <param name="usage"><see cref="CertificateAuthority.ClientAuthentication"/> for who asks, <see cref="CertificateAuthority.ServerAuthentication"/> for who answers.</param>
    public Peer Verify<THead>(SignedMessage<THead> message, byte[] certificate, string usage)
        where THead : class
    {
        var digest = (Convert.ToHexStringLower(SHA256.HashData(certificate)), usage);
        if (!_known.TryGetValue(digest, out var known) || known.TrustGeneration != certificates.TrustGeneration || time.GetUtcNow().UtcDateTime > known.NotAfter)
        {
            _known.TryRemove(digest, out _);
            (known, var refusal) = Examine(certificate, usage);
            if (known is null)
                return new Peer(null, refusal);
            if (_known.Count >= MostKept)
                _known.Clear();
            _known[digest] = known;
        }

        return known.Key.VerifyHash(message.Hash, message.Signature.Span) ? new Peer(known.Service, null) : new Peer(null, $"its signature is not by the key of '{known.Service}'");
    }

    private (Known? Known, string? Refusal) Examine(byte[] der, string usage)
    {
        try
        {
            using var certificate = X509CertificateLoader.LoadCertificate(der);
            var generation = certificates.TrustGeneration;
            var peer = certificates.Verify(certificate, usage);
            if (peer.Service is null)
                return (null, peer.Refusal);
            return certificate.GetECDsaPublicKey() is { KeySize: 256 } key
                ? (new Known(peer.Service, key, generation, certificate.NotAfter.ToUniversalTime()), null)
                : (null, "its key is not on P-256");
        }
        catch (CryptographicException)
        {
            return (null, "what it brought is no certificate");
        }
    }
}
