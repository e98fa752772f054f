using System.Diagnostics.CodeAnalysis;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Mneme.Gateway;

/// <summary>
/// The certificate for HTTPS. The files are looked at when a connection begins, at most once a second; a new pair is used from then on, and connections that are open keep
/// theirs. What cannot be read does not replace what can: certificate and key are rarely written in one step.
/// </summary>
internal sealed partial class TlsCertificate : IDisposable
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);

    private readonly string _certificate;
    private readonly string _key;
    private readonly TimeProvider _time;
    private readonly ILogger<TlsCertificate> _logger;
    private readonly Lock _turn = new();
    private volatile SslServerAuthenticationOptions _current;
    private (long, long, long, long) _stamp;
    private long _lookedAt;

    /// <exception cref="TlsCertificateException">The files cannot be read, do not belong together, or are not PEM.</exception>
    public TlsCertificate(GatewayOptions options, TimeProvider time, ILogger<TlsCertificate> logger)
    {
        (_certificate, _key, _time, _logger) = (options.Certificate!, options.CertificateKey!, time, logger);
        _stamp = Stamp();
        _lookedAt = time.GetTimestamp();
        _current = TryLoad(_certificate, _key, out var loaded, out var reason)
            ? loaded
            : throw new TlsCertificateException($"the certificate {_certificate} with the key {_key} cannot be used: {reason} (Gateway__Certificate, Gateway__CertificateKey)");
    }

    /// <summary>What a connection that begins now is secured with.</summary>
    public SslServerAuthenticationOptions Current
    {
        get
        {
            if (_time.GetElapsedTime(Volatile.Read(ref _lookedAt)) >= LookInterval)
                Look();
            return _current;
        }
    }

    /// <summary>Checks the files without keeping anything of them.</summary>
    /// <exception cref="TlsCertificateException">They cannot be used.</exception>
    public static void Verify(GatewayOptions options)
    {
        if (options.TlsPort >= 0)
            new TlsCertificate(options, TimeProvider.System, NullLogger<TlsCertificate>.Instance).Dispose();
    }

    // Connections that are being made may still use what was replaced, so only what is current is disposed of, and only at the end.
    public void Dispose() => _current.ServerCertificateContext!.TargetCertificate.Dispose();

    private void Look()
    {
        lock (_turn)
        {
            if (_time.GetElapsedTime(_lookedAt) < LookInterval)
                return;
            Volatile.Write(ref _lookedAt, _time.GetTimestamp());
            var stamp = Stamp();
            if (stamp == _stamp)
                return;
            if (TryLoad(_certificate, _key, out var loaded, out var reason))
            {
                (_current, _stamp) = (loaded, stamp);
                LogLoaded(_certificate, loaded.ServerCertificateContext!.TargetCertificate.NotAfter);
            }
            else
            {
                LogRefused(_certificate, reason);
            }
        }
    }

    private (long, long, long, long) Stamp()
    {
        // Through links, as orchestrators replace a folder's content by turning one.
        var (certificate, key) = (Resolve(_certificate), Resolve(_key));
        return certificate.Exists && key.Exists ? (certificate.LastWriteTimeUtc.Ticks, certificate.Length, key.LastWriteTimeUtc.Ticks, key.Length) : default;
    }

    private static FileInfo Resolve(string path) => new FileInfo(path) is { Exists: true } file && file.ResolveLinkTarget(returnFinalTarget: true) is FileInfo target ? target : new FileInfo(path);

    private static bool TryLoad(string certificatePath, string keyPath, [NotNullWhen(true)] out SslServerAuthenticationOptions? options, [NotNullWhen(false)] out string? reason)
    {
        (options, reason) = (null, null);
        try
        {
            var certificate = X509Certificate2.CreateFromPemFile(certificatePath, keyPath);
            var chain = new X509Certificate2Collection();
            chain.ImportFromPemFile(certificatePath);
            options = new SslServerAuthenticationOptions
            {
                ServerCertificateContext = SslStreamCertificateContext.Create(certificate, chain, offline: true),
                EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
                ApplicationProtocols = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11],
                AllowRenegotiation = false,
            };
            return true;
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            reason = e.Message;
            return false;
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The certificate {File} is in use; it holds until {NotAfter:O}")]
    private partial void LogLoaded(string file, DateTime notAfter);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The certificate {File} has changed and cannot be used, so the one before it stays: {Reason}")]
    private partial void LogRefused(string file, string reason);
}

/// <summary>The certificate for HTTPS cannot be used; the message is for the operator.</summary>
internal sealed class TlsCertificateException(string message) : Exception(message);
