using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging.Abstractions;
using Mneme.Platform.Persistence.Cluster;
using Mneme.Platform.Security.Certificates;
using Mneme.Platform.Services;

namespace Mneme.UnitTests.Platform.Security.Certificates;

public sealed class CertificateKeeperTests : IDisposable
{
    private readonly string _path = Directory.CreateTempSubdirectory("mneme-certs-").FullName;
    private readonly SetClock _clock = new(new DateTimeOffset(2026, 11, 21, 12, 0, 0, TimeSpan.Zero));
    private readonly CertificateKeeper _keeper;
    private readonly CertificateFolder _folder;

    public CertificateKeeperTests() => (_keeper, _folder) = (new CertificateKeeper(new CertificateOptions(), _path, _clock), new CertificateFolder(_path));

    [Fact]
    public void A_services_certificate_is_what_the_standards_ask_for()
    {
        _keeper.Init();
        _keeper.Issue(["study"]);

        var authority = _folder.ReadTrusted().ShouldHaveSingleItem();
        authority.Extensions.OfType<X509BasicConstraintsExtension>().Single().ShouldSatisfyAllConditions(
            e => e.CertificateAuthority.ShouldBeTrue(), e => e.PathLengthConstraint.ShouldBe(0), e => e.Critical.ShouldBeTrue());
        (authority.NotAfter.ToUniversalTime() - _clock.GetUtcNow().UtcDateTime).TotalDays.ShouldBe(3650);
        var certificate = _folder.Read("study")!;
        (certificate.NotAfter.ToUniversalTime() - _clock.GetUtcNow().UtcDateTime).TotalDays.ShouldBe(30);
        Convert.ToHexString(certificate.PublicKey.EncodedParameters!.RawData).ShouldBe("06082A8648CE3D030107", "the object identifier of P-256, RFC 5480");
        certificate.Extensions.OfType<X509BasicConstraintsExtension>().Single().CertificateAuthority.ShouldBeFalse();
        certificate.Extensions.OfType<X509KeyUsageExtension>().Single().KeyUsages.ShouldBe(X509KeyUsageFlags.DigitalSignature);
        certificate.Extensions.OfType<X509EnhancedKeyUsageExtension>().Single().EnhancedKeyUsages.Cast<Oid>().Select(oid => oid.Value)
            .ShouldBe([CertificateAuthority.ServerAuthentication, CertificateAuthority.ClientAuthentication]);
        certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().Single().EnumerateDnsNames().ShouldBe(["study", "study.mneme", "localhost"]);
        ServiceIdentity.Of(certificate).ShouldBe("study");
        CertificateAuthority.HasSigned(authority, certificate).ShouldBeTrue();
    }

    [Fact]
    public void Keys_are_for_their_owner_only_and_no_draft_stays()
    {
        _keeper.Init();
        _keeper.Issue(["ai", "study"]);

        foreach (var key in Directory.GetFiles(_path, "*.key"))
            Mode(key).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite, key);
        Directory.GetFiles(_path).Select(Path.GetFileName).Order(StringComparer.Ordinal)
            .ShouldBe(["ai.key", "ai.pem", "ca.key", "ca.pem", "certs.lock", "study.key", "study.pem"]);
    }

    [Fact]
    public void Renewal_comes_in_the_last_third_or_when_it_is_forced()
    {
        _keeper.Init();
        _keeper.Issue(["ai", "study"]);
        var first = _folder.Read("study")!.Thumbprint;

        _clock.Advance(TimeSpan.FromDays(19.9));
        _keeper.Rotate(force: false).ShouldBeEmpty();
        _keeper.Rotate(force: true).ShouldBe(["ai", "study"]);
        var second = _folder.Read("study")!.Thumbprint;
        second.ShouldNotBe(first);
        _clock.Advance(TimeSpan.FromDays(20.1));
        _keeper.Rotate(force: false).ShouldBe(["ai", "study"]);
        _folder.Read("study")!.Thumbprint.ShouldNotBe(second);
    }

    [Fact]
    public void The_authority_is_replaced_in_three_steps_and_at_each_of_them_everything_is_in_order()
    {
        _keeper.Init();
        _keeper.Issue(["study"]);
        var old = _folder.ReadTrusted()[0];

        Should.Throw<CertificateException>(() => _keeper.AdoptAuthority()).Message.ShouldContain("--authority announce");
        _keeper.AnnounceAuthority();
        Should.Throw<CertificateException>(() => _keeper.AnnounceAuthority()).Message.ShouldContain("--authority adopt");
        _keeper.Issue(["ai"]);
        CertificateAuthority.HasSigned(old, _folder.Read("ai")!).ShouldBeTrue("an announced authority does not sign yet");
        _keeper.Status().Select(row => row.Problem).ShouldAllBe(problem => problem == null);

        _keeper.AdoptAuthority().ShouldBe(["ai", "study"]);
        var next = _folder.ReadTrusted().Single(authority => authority.Thumbprint != old.Thumbprint);
        CertificateAuthority.HasSigned(next, _folder.Read("study")!).ShouldBeTrue();
        CertificateAuthority.HasSigned(old, _folder.Read("study")!).ShouldBeFalse();
        _keeper.Status().Select(row => row.Problem).ShouldAllBe(problem => problem == null);

        _keeper.RetireAuthorities();
        _folder.ReadTrusted().ShouldHaveSingleItem().Thumbprint.ShouldBe(next.Thumbprint);
        _keeper.Status().Select(row => row.Problem).ShouldAllBe(problem => problem == null);
    }

    [Fact]
    public void An_authority_with_certificates_left_is_not_retired()
    {
        _keeper.Init();
        _keeper.Issue(["study"]);
        var (certificate, key) = (File.ReadAllText(_folder.CertificateOf("study")), File.ReadAllText(_folder.KeyOf("study")));
        _keeper.AnnounceAuthority();
        _keeper.AdoptAuthority();
        // As when an old backup is put back.
        File.WriteAllText(_folder.CertificateOf("study"), certificate);
        File.WriteAllText(_folder.KeyOf("study"), key);

        Should.Throw<CertificateException>(_keeper.RetireAuthorities).Message.ShouldContain("study");
        _keeper.Rotate(force: false).ShouldBe(["study"]);
        Should.NotThrow(_keeper.RetireAuthorities);
    }

    [Fact]
    public void Status_tells_what_is_wrong_and_what_to_do()
    {
        Should.Throw<CertificateException>(() => _keeper.Status()).Message.ShouldContain("mneme certs init");
        _keeper.Init();
        _keeper.Issue(["ai", "notify", "study", "progress", "capture"]);
        _clock.Advance(TimeSpan.FromDays(31));
        _keeper.Issue(["notify", "study", "progress", "capture"]);
        File.SetUnixFileMode(_folder.KeyOf("notify"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        File.WriteAllText(_folder.CertificateOf("study"), "no certificate");
        File.Copy(_folder.KeyOf("progress"), _folder.KeyOf("capture"), overwrite: true);
        File.Copy(_folder.CertificateOf("progress"), _folder.CertificateOf("capture"), overwrite: true);

        var rows = _keeper.Status().ToDictionary(row => row.Subject, row => row.Problem, StringComparer.Ordinal);
        rows["ai"]!.ShouldContain("has expired");
        rows["notify"]!.ShouldContain("chmod 600");
        rows["study"]!.ShouldContain("cannot be read");
        rows["capture"]!.ShouldContain("not a certificate of 'capture'");
        rows["progress"].ShouldBeNull();
    }

    [Fact]
    public void What_cannot_be_done_is_refused_with_what_to_do()
    {
        Should.Throw<CertificateException>(() => _keeper.Issue(["study"])).Message.ShouldContain("mneme certs init");
        _keeper.Init();
        Should.Throw<CertificateException>(_keeper.Init).Message.ShouldContain("already");
        using (_folder.Lock())
            Should.Throw<CertificateException>(() => _keeper.Issue(["study"])).Message.ShouldContain("another `mneme certs`");
        using (var other = CertificateAuthority.Create(_clock.GetUtcNow(), TimeSpan.FromDays(1)))
            _folder.WriteKey(_folder.AuthorityKey, other);
        Should.Throw<CertificateException>(() => _keeper.Issue(["study"])).Message.ShouldContain("is the key of none of the authorities");
        File.Delete(_folder.AuthorityKey);
        Should.Throw<CertificateException>(() => _keeper.Issue(["study"])).Message.ShouldContain("certificates are made where it is");
    }

    [Fact]
    public void A_certificate_outlives_its_authority_in_no_case()
    {
        _keeper.Init();
        _clock.Advance(TimeSpan.FromDays(3640));
        _keeper.Issue(["study"]);
        _folder.Read("study")!.NotAfter.ShouldBe(_folder.ReadTrusted()[0].NotAfter);
        _clock.Advance(TimeSpan.FromDays(11));
        Should.Throw<CertificateException>(() => _keeper.Issue(["study"])).Message.ShouldContain("has expired");
    }

    [Theory]
    [InlineData("spiffe://mneme/study", "study")]
    [InlineData("spiffe://other/study", null)]
    [InlineData("spiffe://mneme/", null)]
    [InlineData("https://mneme/study", null)]
    public void The_name_comes_from_the_one_uri_in_our_trust_domain(string uri, string? service)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        ServiceIdentity.Of(Certificate(key, uri)).ShouldBe(service);
        ServiceIdentity.Of(Certificate(key, uri, "spiffe://mneme/identity")).ShouldBeNull("two names are none");
        ServiceIdentity.Of(Certificate(key)).ShouldBeNull();
    }

    [Theory]
    [InlineData("study.mneme", "study")]
    [InlineData("STUDY.mneme", "study")]
    [InlineData("study", null)]
    [InlineData("", null)]
    [InlineData(null, null)]
    public void A_host_in_our_zone_names_a_service(string? host, string? service) => ServiceIdentity.OfHost(host).ShouldBe(service);

    [Theory]
    [InlineData(10001u, 10001u, UnixFileMode.UserRead | UnixFileMode.UserWrite, false)]
    [InlineData(10001u, 10001u, UnixFileMode.UserRead | UnixFileMode.GroupRead, true)]
    [InlineData(0u, 10001u, UnixFileMode.UserRead | UnixFileMode.GroupRead, false)]
    [InlineData(0u, 10001u, UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.GroupWrite, true)]
    [InlineData(0u, 10001u, UnixFileMode.UserRead | UnixFileMode.OtherRead, true)]
    [InlineData(0u, 0u, UnixFileMode.UserRead | UnixFileMode.GroupRead, true)]
    public void A_key_may_be_handed_to_a_group_by_root_and_by_nobody_else(uint owner, uint user, UnixFileMode mode, bool isReadByOthers) =>
        CertificateKeeper.IsReadByOthers(new FileOwner(owner, 10001, mode, Posix.KindFile), user).ShouldBe(isReadByOthers);

    /// <summary>A volume of Kubernetes: every file is a link through the link ..data, which is turned to a new folder when the secret has changed.</summary>
    [Fact]
    public void Certificates_in_a_folder_of_links_are_taken_up_when_the_links_are_turned()
    {
        _keeper.Init();
        _keeper.Issue(["study"]);
        var mounted = Directory.CreateDirectory(Path.Combine(_path, "mounted")).FullName;
        Turn("first");
        foreach (var file in (string[])["ca.pem", "study.pem", "study.key"])
            File.CreateSymbolicLink(Path.Combine(mounted, file), Path.Combine("..data", file));
        var certificates = new ServiceCertificates(new CertificateFolder(mounted), new ServiceRegistry([new ServiceDescription("study")]), _clock, NullLogger<ServiceCertificates>.Instance);
        certificates.Of("study").Certificate.Thumbprint.ShouldBe(_folder.Read("study")!.Thumbprint);

        _keeper.Rotate(force: true);
        Turn("second");
        _clock.Advance(TimeSpan.FromSeconds(2));
        certificates.Of("study").Certificate.Thumbprint.ShouldBe(_folder.Read("study")!.Thumbprint);

        void Turn(string to)
        {
            Directory.CreateDirectory(Path.Combine(mounted, to));
            foreach (var file in (string[])["ca.pem", "study.pem", "study.key"])
                File.Copy(Path.Combine(_path, file), Path.Combine(mounted, to, file));
            File.Delete(Path.Combine(mounted, "..data"));
            Directory.CreateSymbolicLink(Path.Combine(mounted, "..data"), to);
        }
    }

    public void Dispose() => Directory.Delete(_path, recursive: true);

    private X509Certificate2 Certificate(ECDsa key, params string[] uris)
    {
        var request = new CertificateRequest("CN=x", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("study");
        foreach (var uri in uris)
            names.AddUri(new Uri(uri));
        request.CertificateExtensions.Add(names.Build());
        return request.CreateSelfSigned(_clock.GetUtcNow(), _clock.GetUtcNow().AddDays(1));
    }

#pragma warning disable CA1416 // the program runs on Linux only
    private static UnixFileMode Mode(string file) => File.GetUnixFileMode(file);
#pragma warning restore CA1416

    private sealed class SetClock(DateTimeOffset now) : TimeProvider
    {
        private DateTimeOffset _now = now;

        public override DateTimeOffset GetUtcNow() => _now;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _now.Ticks;

        public void Advance(TimeSpan by) => _now += by;
    }
}
