using System.Security.Cryptography.X509Certificates;
using Mneme.Platform.Persistence.Cluster;

namespace Mneme.Platform.Security.Certificates;

/// <summary>One certificate as an operator sees it.</summary>
/// <param name="Subject">The service, or the authority's name.</param>
/// <param name="NotBefore">Valid from.</param>
/// <param name="NotAfter">Valid until.</param>
/// <param name="Remark">What there is to know, such as which authority signs.</param>
/// <param name="Problem">What is wrong and what to do; null if all is well.</param>
public sealed record CertificateStatus(string Subject, DateTimeOffset NotBefore, DateTimeOffset NotAfter, string Remark, string? Problem);

/// <summary>
/// What an operator does with certificates. The authority is replaced in three steps, so that no machine ever meets a certificate that it does not trust yet:
/// announce the next one, adopt it when every machine has the new <c>ca.pem</c>, retire the former one.
/// </summary>
/// <exception cref="CertificateException">Thrown by every member, with what is wrong and what to do.</exception>
public sealed class CertificateKeeper(CertificateOptions options, string folderPath, TimeProvider time)
{
    private readonly CertificateFolder _folder = new(folderPath);

    public string Folder => _folder.Path;

    private TimeSpan ServiceLife => TimeSpan.FromDays(options.ServiceDays);

    private TimeSpan AuthorityLife => TimeSpan.FromDays(options.AuthorityDays);

    /// <summary>Makes the authority.</summary>
    public void Init()
    {
        _folder.Create();
        using var turn = _folder.Lock();
        if (File.Exists(_folder.Trusted) || File.Exists(_folder.AuthorityKey))
            throw new CertificateException($"there is an authority in {Folder} already. `mneme certs status` shows it; `mneme certs rotate --authority announce` begins to replace it.");
        using var authority = CertificateAuthority.Create(time.GetUtcNow(), AuthorityLife);
        _folder.WriteKey(_folder.AuthorityKey, authority);
        _folder.WriteTrusted([authority]);
    }

    /// <summary>Makes a new key and certificate for each of the services.</summary>
    public void Issue(IEnumerable<string> services)
    {
        using var authority = Authority(out var turn);
        using (turn)
        {
            foreach (var service in services)
                Issue(authority, service);
        }
    }

    /// <summary>Renews the services' certificates that are in the last third of their life, expired, damaged or of an authority that does not sign any more.</summary>
    /// <param name="force">Renew all, whatever their age.</param>
    /// <returns>The services whose certificates are new.</returns>
    public IReadOnlyList<string> Rotate(bool force)
    {
        using var authority = Authority(out var turn);
        using (turn)
        {
            List<string> due = [.. _folder.Services.Where(service => force || IsDue(service, authority))];
            foreach (var service in due)
                Issue(authority, service);
            return due;
        }
    }

    /// <summary>Makes the next authority and trusts it, without signing anything by it.</summary>
    public void AnnounceAuthority()
    {
        using var authority = Authority(out var turn);
        using (turn)
        {
            if (File.Exists(_folder.NextAuthorityKey))
                throw new CertificateException("the next authority is announced already. When every machine has the new ca.pem: `mneme certs rotate --authority adopt`.");
            using var next = CertificateAuthority.Create(time.GetUtcNow(), AuthorityLife);
            _folder.WriteKey(_folder.NextAuthorityKey, next);
            _folder.WriteTrusted([.. _folder.ReadTrusted(), next]);
        }
    }

    /// <summary>Lets the announced authority sign, and renews all certificates in the folder. The former one stays trusted, and can sign no more.</summary>
    public IReadOnlyList<string> AdoptAuthority()
    {
        using (var authority = Authority(out var turn))
        using (turn)
        {
            if (!File.Exists(_folder.NextAuthorityKey))
                throw new CertificateException("no authority is announced. Begin with `mneme certs rotate --authority announce`.");
            _folder.ReadAuthority(_folder.NextAuthorityKey)!.Dispose();
            File.Move(_folder.NextAuthorityKey, _folder.AuthorityKey, overwrite: true);
        }

        return Rotate(force: false);
    }

    /// <summary>Ends the trust in all authorities but the one that signs and one that is announced.</summary>
    public void RetireAuthorities()
    {
        using var authority = Authority(out var turn);
        using (turn)
        {
            var left = _folder.Services.Where(service => IsDue(service, authority) && !IsSignedBy(service, authority)).ToList();
            if (left.Count > 0)
                throw new CertificateException($"these certificates are still of a former authority: {string.Join(", ", left)}. Renew them first: `mneme certs rotate`.");
            using var next = _folder.ReadAuthority(_folder.NextAuthorityKey);
            _folder.WriteTrusted(next is null ? [authority] : [authority, next]);
        }
    }

    /// <summary>The authorities, then the services' certificates in the folder.</summary>
    public IReadOnlyList<CertificateStatus> Status()
    {
        var trusted = _folder.ReadTrusted();
        using var signing = _folder.ReadAuthority(_folder.AuthorityKey);
        using var next = _folder.ReadAuthority(_folder.NextAuthorityKey);
        var now = time.GetUtcNow();
        return
        [
            .. trusted.Select(authority => new CertificateStatus(
                authority.GetNameInfo(X509NameType.SimpleName, forIssuer: false), authority.NotBefore, authority.NotAfter,
                authority.Thumbprint == signing?.Thumbprint ? "authority, signs here" : authority.Thumbprint == next?.Thumbprint ? "authority, announced" : "authority, trusted",
                ProblemOfAuthority(authority, now))),
            .. _folder.Services.Select(service => StatusOf(service, trusted, now)),
        ];
    }

    private CertificateStatus StatusOf(string service, X509Certificate2Collection trusted, DateTimeOffset now)
    {
        try
        {
            using var certificate = _folder.Read(service)!;
            var signer = trusted.FirstOrDefault(authority => CertificateAuthority.HasSigned(authority, certificate));
            var problem = signer is null ? "is of no trusted authority: issue it anew, or copy the ca.pem that belongs to it"
                : now > certificate.NotAfter ? "has expired: run `mneme certs rotate` where ca.key is, and copy the files"
                : now < certificate.NotBefore ? "is not valid yet: check this machine's clock"
                : IsReadByOthers(_folder.KeyOf(service)) ? $"has a key that others can read: chmod 600 {_folder.KeyOf(service)}"
                : null;
            return new CertificateStatus(service, certificate.NotBefore, certificate.NotAfter, signer is null ? "" : "by " + signer.GetNameInfo(X509NameType.SimpleName, forIssuer: false), problem);
        }
        catch (CertificateException e)
        {
            return new CertificateStatus(service, DateTimeOffset.MinValue, DateTimeOffset.MinValue, "", e.Message);
        }
    }

    private static bool IsReadByOthers(string file) => Posix.Owner(Posix.RealPath(file)) is { } owner && IsReadByOthers(owner, Posix.EffectiveUser);

    /// <summary>PostgreSQL's rule for keys: a file of root's may be read by a group, because that is how a program that is not root is handed one, as from a secret of Kubernetes.</summary>
    internal static bool IsReadByOthers(FileOwner key, uint user)
    {
        var allowed = UnixFileMode.UserRead | UnixFileMode.UserWrite | (key.User == 0 && user != 0 ? UnixFileMode.GroupRead : UnixFileMode.None);
        return (key.Mode & ~allowed) != UnixFileMode.None;
    }

    private static string? ProblemOfAuthority(X509Certificate2 authority, DateTimeOffset now) =>
        now > authority.NotAfter ? "has expired: `mneme certs rotate --authority retire` removes it once another one signs" : now < authority.NotBefore ? "is not valid yet: check this machine's clock" : null;

    private bool IsDue(string service, X509Certificate2 authority)
    {
        try
        {
            using var certificate = _folder.Read(service)!;
            var lastThird = certificate.NotAfter - (certificate.NotAfter - certificate.NotBefore) / 3;
            return time.GetUtcNow() >= lastThird.ToUniversalTime() || !CertificateAuthority.HasSigned(authority, certificate);
        }
        catch (CertificateException)
        {
            return true;
        }
    }

    private bool IsSignedBy(string service, X509Certificate2 authority)
    {
        try
        {
            using var certificate = _folder.Read(service)!;
            return CertificateAuthority.HasSigned(authority, certificate);
        }
        catch (CertificateException)
        {
            return false;
        }
    }

    private void Issue(X509Certificate2 authority, string service)
    {
        using var certificate = CertificateAuthority.Issue(authority, service, time.GetUtcNow(), ServiceLife);
        _folder.Write(service, certificate);
    }

    private X509Certificate2 Authority(out IDisposable turn)
    {
        if (!Directory.Exists(Folder))
            throw new CertificateException($"there is no folder {Folder}: make an authority with `mneme certs init`.");
        turn = _folder.Lock();
        try
        {
            var authority = _folder.ReadAuthority(_folder.AuthorityKey)
                ?? throw new CertificateException($"there is no {_folder.AuthorityKey}: certificates are made where it is, with `mneme certs init` if there is none yet.");
            return time.GetUtcNow() <= authority.NotAfter
                ? authority
                : throw new CertificateException($"the authority in {Folder} has expired on {authority.NotAfter:yyyy-MM-dd}: move the folder away, make a new one with `mneme certs init`, and issue all certificates.");
        }
        catch
        {
            turn.Dispose();
            throw;
        }
    }
}
