using System.Collections.Frozen;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using Mneme.Platform.Services;

namespace Mneme.Platform.Security.Certificates;

/// <summary>A service's certificate with its key, ready for TLS.</summary>
internal sealed record OwnCertificate(X509Certificate2 Certificate, SslStreamCertificateContext Context);

/// <summary>Who is at the other end: the service that its certificate names, or why it is not believed.</summary>
internal sealed record Peer(string? Service, string? Refusal);

/// <summary>
/// The certificates of the services in this process and the authorities they trust, as the folder holds them now: its files are looked at once a second at most
/// when somebody needs one, so renewal needs no restart. What cannot be read changes nothing, and is read again at the next look.
/// </summary>
internal sealed partial class ServiceCertificates(CertificateFolder folder, ServiceRegistry registry, TimeProvider time, ILogger<ServiceCertificates> logger)
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);

    private readonly Lock _turn = new();
    private readonly Dictionary<string, string> _stamps = new(StringComparer.Ordinal);
    private volatile State? _state;
    private long _lookedAt;

    /// <summary>Changes when other authorities are trusted than before.</summary>
    public int TrustGeneration => Current().TrustGeneration;

    /// <summary>Reads everything for the first time.</summary>
    /// <exception cref="CertificateException">Something that this process needs is missing or damaged.</exception>
    public void Load()
    {
        lock (_turn)
        {
            if (_state is not null)
                return;
            _stamps[folder.Trusted] = Stamp(folder.Trusted);
            var trusted = folder.ReadTrusted();
            var own = new Dictionary<string, OwnCertificate>(StringComparer.Ordinal);
            foreach (var service in registry.Services.Select(s => s.Name))
            {
                _stamps[service] = StampOf(service);
                own[service] = Own(folder.Read(service)
                    ?? throw new CertificateException($"there is no certificate of '{service}' in {folder.Path}: issue it with `mneme certs issue {service}` where ca.key is, and copy {service}.pem and {service}.key."));
            }

            _lookedAt = time.GetTimestamp();
            _state = new State(trusted, own.ToFrozenDictionary(StringComparer.Ordinal), 1);
        }
    }

    /// <summary>The certificate of a service in this process.</summary>
    public OwnCertificate Of(string service) => Current().Own[service];

    /// <summary>The certificate to show to a caller who means a service; that of any service here if it means none of them, and it will see so.</summary>
    public OwnCertificate ForCallOf(string? service)
    {
        var own = Current().Own;
        return service is not null && own.TryGetValue(service, out var certificate) ? certificate : own.Values[0];
    }

    /// <summary>Trust for TLS' own check, so that it neither asks the system's authorities nor fetches anything.</summary>
    public X509ChainPolicy Policy() => CertificateAuthority.PolicyOf(Current().Trusted, time.GetUtcNow().UtcDateTime);

    /// <summary>Checks a certificate: signed by an authority of ours, valid now, made for this use, and naming one service.</summary>
    /// <param name="certificate">What the other end showed; null if nothing.</param>
    /// <param name="usage"><see cref="CertificateAuthority.ClientAuthentication"/> or <see cref="CertificateAuthority.ServerAuthentication"/>.</param>
    public Peer Verify(X509Certificate? certificate, string usage)
    {
        if (certificate is null)
            return new Peer(null, "it showed no certificate");
        if (certificate is not X509Certificate2 shown)
            return new Peer(null, "its certificate is of an unknown kind");
        if (Refusal(shown, usage, Current()) is { } refusal)
        {
            // It may be of an authority that was announced less than a second ago.
            var before = _state;
            Look();
            if (ReferenceEquals(before, _state) || Refusal(shown, usage, _state!) is not null)
                return new Peer(null, refusal);
        }

        return ServiceIdentity.Of(shown) is { } service ? new Peer(service, null) : new Peer(null, "its certificate names no service");
    }

    private string? Refusal(X509Certificate2 certificate, string usage, State state)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy = CertificateAuthority.PolicyOf(state.Trusted, time.GetUtcNow().UtcDateTime);
        chain.ChainPolicy.ApplicationPolicy.Add(new System.Security.Cryptography.Oid(usage));
        if (chain.Build(certificate))
            return null;
        var status = chain.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, (all, one) => all | one.Status);
        return status switch
        {
            _ when Has(X509ChainStatusFlags.PartialChain | X509ChainStatusFlags.UntrustedRoot) => "its certificate is of an authority that is not trusted here",
            _ when Has(X509ChainStatusFlags.NotTimeValid) => $"its certificate is valid from {certificate.NotBefore.ToUniversalTime():u} to {certificate.NotAfter.ToUniversalTime():u}, and not now",
            _ when Has(X509ChainStatusFlags.NotValidForUsage) => "its certificate is not for this use",
            _ => $"its certificate is not valid ({status})",
        };

        bool Has(X509ChainStatusFlags any) => (status & any) != X509ChainStatusFlags.NoError;
    }

    private State Current()
    {
        if (_state is null)
            Load();
        if (time.GetElapsedTime(Volatile.Read(ref _lookedAt)) >= LookInterval)
            Look();
        return _state!;
    }

    private void Look()
    {
        lock (_turn)
        {
            Volatile.Write(ref _lookedAt, time.GetTimestamp());
            var state = _state!;
            if (HasChanged(folder.Trusted, Stamp(folder.Trusted), folder.ReadTrusted) is { } trusted)
                state = state with { Trusted = trusted, TrustGeneration = state.TrustGeneration + 1 };
            foreach (var service in state.Own.Keys)
            {
                if (HasChanged(service, StampOf(service), () => folder.Read(service)) is { } certificate)
                {
                    state = state with { Own = state.Own.ToDictionary(o => o.Key, o => o.Key == service ? Own(certificate) : o.Value, StringComparer.Ordinal).ToFrozenDictionary(StringComparer.Ordinal) };
                    LogTaken(service, certificate.NotAfter.ToUniversalTime());
                }
            }

            _state = state;
        }
    }

    private T? HasChanged<T>(string name, string stamp, Func<T?> read)
        where T : class
    {
        if (_stamps[name] == stamp)
            return null;
        try
        {
            var value = read();
            _stamps[name] = stamp;
            return value;
        }
        catch (CertificateException e)
        {
            // The stamp stays, so the next look reads again: perhaps the files are being replaced at this moment.
            LogUnreadable(e.Message);
            return null;
        }
    }

    private string StampOf(string service) => Stamp(folder.CertificateOf(service)) + Stamp(folder.KeyOf(service));

    // Through links, as orchestrators replace a folder's content by turning one.
    private static string Stamp(string file)
    {
        var info = new FileInfo(file);
        if (info.Exists && info.ResolveLinkTarget(returnFinalTarget: true) is FileInfo target)
            info = target;
        return info.Exists ? $"{info.LastWriteTimeUtc.Ticks}/{info.Length};" : "none;";
    }

    private static OwnCertificate Own(X509Certificate2 certificate) =>
        new(certificate, SslStreamCertificateContext.Create(certificate, additionalCertificates: null, offline: true));

    [LoggerMessage(Level = LogLevel.Information, Message = "{Service} has a new certificate, valid until {NotAfter:u}")]
    private partial void LogTaken(string service, DateTime notAfter);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A changed certificate is not taken up: {Reason}")]
    private partial void LogUnreadable(string reason);

    private sealed record State(X509Certificate2Collection Trusted, FrozenDictionary<string, OwnCertificate> Own, int TrustGeneration);
}
