using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Mneme.Gateway;
using Mneme.IntegrationTests.Support;

namespace Mneme.IntegrationTests.Gateway;

/// <summary>HTTPS with a certificate that is renewed while the gateway runs.</summary>
public sealed class TlsTests : IDisposable
{
    private readonly TestTokens _tokens = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("mneme-test-tls-").FullName;

    [Fact]
    public async Task Requests_pass_over_tls_and_the_plain_port_says_where_to_go()
    {
        Write("first");
        await using var edge = await EdgeInstance.StartAsync(_tokens);
        await using var gateway = await StartAsync(edge);
        using var client = Client(gateway, out _);
        foreach (var version in new[] { HttpVersion.Version11, HttpVersion.Version20 })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/edge/told") { Version = version, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
            var answer = await client.SendAsync(request);
            answer.StatusCode.ShouldBe(HttpStatusCode.OK);
            answer.Version.ShouldBe(version);
            answer.Headers.GetValues("Strict-Transport-Security").ShouldBe(["max-age=31536000; includeSubDomains"]);
            // The service trusts the gateway's word that the caller came over TLS.
            (await answer.Content.ReadFromJsonAsync<Told>())!.Scheme.ShouldBe("https");
        }

        using var plain = gateway.Anonymous();
        var redirect = await plain.PostAsync("/api/v1/edge/told?a=1", new StringContent("otters"));
        redirect.StatusCode.ShouldBe(HttpStatusCode.PermanentRedirect);
        redirect.Headers.Location.ShouldBe(new Uri("https://learn.example.org/api/v1/edge/told?a=1"));
        (await plain.GetAsync("/health/live")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_renewed_certificate_is_shown_to_new_connections_and_old_ones_live_on()
    {
        Write("first");
        await using var edge = await EdgeInstance.StartAsync(_tokens);
        await using var gateway = await StartAsync(edge);
        using var lasting = Client(gateway, out var seen);
        (await lasting.GetAsync("/api/v1/edge/told")).StatusCode.ShouldBe(HttpStatusCode.OK);
        using var answer = await lasting.GetAsync("/api/v1/edge/stream", HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync());
        (await reader.ReadLineAsync()).ShouldBe("data: first");

        Write("second");
        await Eventually.TrueAsync(async () => await SubjectAsync(gateway) == "CN=second", "a new connection gets the new certificate");
        edge.Gate.Opened.SetResult();
        (await reader.ReadToEndAsync()).ShouldContain("data: second");
        seen.Distinct().ShouldBe(["CN=first"]);
    }

    [Fact]
    public async Task What_cannot_be_read_does_not_replace_what_can()
    {
        Write("first");
        await using var edge = await EdgeInstance.StartAsync(_tokens);
        await using var gateway = await StartAsync(edge);
        (await SubjectAsync(gateway)).ShouldBe("CN=first");
        // Only half of the pair has been written; then nonsense; then a good pair.
        using (var other = ECDsa.Create(ECCurve.NamedCurves.nistP256))
            await File.WriteAllTextAsync(KeyFile, other.ExportPkcs8PrivateKeyPem());
        var certificate = gateway.App.Services.GetService(typeof(TlsCertificate)).ShouldBeOfType<TlsCertificate>();
        (await SubjectAsync(gateway)).ShouldBe("CN=first");
        await File.WriteAllTextAsync(CertificateFile, "nonsense");
        (await SubjectAsync(gateway)).ShouldBe("CN=first");
        Write("third");
        await Eventually.TrueAsync(() => Task.FromResult(certificate.Current.ServerCertificateContext!.TargetCertificate.Subject == "CN=third"), "the whole pair is there");
        (await SubjectAsync(gateway)).ShouldBe("CN=third");
    }

    [Fact]
    public void A_certificate_that_cannot_be_used_is_refused_before_the_start()
    {
        var missing = Should.Throw<TlsCertificateException>(() => TlsCertificate.Verify(Options));
        missing.Message.ShouldContain(CertificateFile);
        Write("first");
        Should.NotThrow(() => TlsCertificate.Verify(Options));
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        File.WriteAllText(KeyFile, other.ExportPkcs8PrivateKeyPem());
        Should.Throw<TlsCertificateException>(() => TlsCertificate.Verify(Options));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string CertificateFile => Path.Combine(_folder, "tls.pem");

    private string KeyFile => Path.Combine(_folder, "tls.key");

    private GatewayOptions Options => new() { TlsPort = 0, Certificate = CertificateFile, CertificateKey = KeyFile };

    private Task<GatewayHost> StartAsync(EdgeInstance edge) => GatewayHost.StartAsync(
        _tokens, [edge], ("Gateway:TlsPort", "0"), ("Gateway:Certificate", CertificateFile), ("Gateway:CertificateKey", KeyFile), ("Http:PublicUrl", "https://learn.example.org"));

    private void Write(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(30));
        File.WriteAllText(KeyFile, key.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(CertificateFile, certificate.ExportCertificatePem());
    }

    private static async Task<string> SubjectAsync(GatewayHost gateway)
    {
        using var client = Client(gateway, out var seen);
        (await client.GetAsync("/health/live")).StatusCode.ShouldBe(HttpStatusCode.OK);
        return seen.Single();
    }

    private static HttpClient Client(GatewayHost gateway, out List<string> seen)
    {
        var subjects = seen = [];
        return new HttpClient(new SocketsHttpHandler
        {
            SslOptions =
            {
                RemoteCertificateValidationCallback = (_, certificate, _, _) =>
                {
                    lock (subjects)
                        subjects.Add(certificate!.Subject);
                    // Self-signed: who it is, is what the tests compare.
                    return certificate.Subject.Length > 0;
                },
            },
        })
        { BaseAddress = gateway.SecureAddress };
    }
}
