using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.DependencyInjection;
using Mneme.IntegrationTests.Platform.Probe;
using Mneme.IntegrationTests.Support;
using Mneme.Platform.Domain;
using Mneme.Platform.Persistence;
using Mneme.Platform.Security.Certificates;

namespace Mneme.IntegrationTests.Platform.Asking;

/// <summary>Who is believed, on both sides of a connection, and for how long.</summary>
public sealed class AskCertificateTests(SharedApplication shared) : IDisposable
{
    private readonly TestClock _clock = new();
    private readonly TestCertificates _certificates = new(services: ["shop", "ledger", "prices", "probe"]);

    [Fact]
    public async Task Strangers_get_no_answer_whatever_they_say_of_themselves()
    {
        var service = new Prices();
        await using var prices = await AskNode.StartAsync(_certificates, [service]);
        using var others = new TestCertificates();
        using var authority = new CertificateFolder(_certificates.Folder).ReadAuthority(new CertificateFolder(_certificates.Folder).AuthorityKey)!;

        (await SendAsync(prices.Address, Own(_certificates, "shop"))).ShouldBe(HttpStatusCode.OK, "so it is not the test that is refused below");
        (await SendAsync(prices.Address, certificate: null)).ShouldBeNull("it shows no certificate");
        (await SendAsync(prices.Address, Own(others, "shop"))).ShouldBeNull("another authority's");
        using (var expired = CertificateAuthority.Issue(authority, "shop", DateTimeOffset.UtcNow.AddSeconds(-2), TimeSpan.FromSeconds(1)))
            (await SendAsync(prices.Address, expired)).ShouldBeNull("expired");
        (await SendAsync(prices.Address, Forged("spiffe://mneme/shop", authority, CertificateAuthority.ServerAuthentication))).ShouldBeNull("not for clients");
        (await SendAsync(prices.Address, Forged("https://example.org/shop", authority, CertificateAuthority.ClientAuthentication))).ShouldBe(null, "it names no service");
        (await SendAsync(prices.Address, Own(_certificates, "ledger"))).ShouldBe(HttpStatusCode.Forbidden, "a service, but not one that may ask this");
        service.Asked.ShouldBe(1);
        foreach (var reason in (string[])["not trusted here", "and not now", "not for this use", "names no service"])
            prices.Log.ShouldContain(line => line.StartsWith("Warning: A connection from 127.0.0.1", StringComparison.Ordinal) && line.Contains(reason, StringComparison.Ordinal), reason);
    }

    [Fact]
    public async Task An_address_that_leads_to_somebody_else_is_told_nothing()
    {
        await using var ledger = await AskNode.StartAsync(_certificates, [new Shop("ledger")]);
        await using var shop = await ShopAsync(ledger.Address);
        (await shop.AskAsync("shop", new PriceOf("apple"))).Problem!.Code.ShouldBe("service-unavailable");
        shop.Log.ShouldContain(line => line.Contains("Who answers for prices is not believed: its certificate is of 'ledger'", StringComparison.Ordinal));

        using var others = new TestCertificates();
        await using var impostor = await AskNode.StartAsync(others, [new Prices()]);
        await using var wary = await ShopAsync(impostor.Address);
        (await wary.AskAsync("shop", new PriceOf("apple"))).Problem!.Code.ShouldBe("service-unavailable");
        wary.Log.ShouldContain(line => line.Contains("not trusted here", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_expired_certificate_ends_the_connection_and_a_renewed_one_is_taken_up_without_a_restart()
    {
        using var certificates = new TestCertificates(_clock);
        await using var prices = await AskNode.StartAsync(certificates, [new Prices()], _clock);
        await using var shop = await AskNode.StartAsync(
            certificates, [new Shop()], _clock, settings: [("Ask:Addresses:prices", prices.Address.ToString()), ("Ask:BreakerPause", "00:00:00.500")]);
        (await shop.AskAsync("shop", new PriceOf("apple"))).Problem.ShouldBeNull();

        _clock.Advance(TimeSpan.FromDays(31));
        (await shop.AskAsync("shop", new PriceOf("apple"))).Problem!.Kind.ShouldBe(ProblemKind.Unavailable);
        prices.Log.ShouldContain(line => line.Contains("and not now", StringComparison.Ordinal));

        certificates.Keeper.Rotate(force: false).ShouldBe(["ledger", "prices", "shop"]);
        await Eventually.TrueAsync(async () => (await shop.AskAsync("shop", new PriceOf("apple"))).Problem is null, "the new certificates are in use");
    }

    [Fact]
    public async Task Certificates_and_the_authority_are_replaced_under_load_without_a_failed_ask()
    {
        await using var one = await AskNode.StartAsync(_certificates, [new Prices("one")]);
        await using var two = await AskNode.StartAsync(_certificates, [new Prices("two")]);
        await using var shop = await AskNode.StartAsync(
            _certificates, [new Shop()], settings: [("Ask:Addresses:prices", $"{one.Address},{two.Address}"), ("Ask:ConnectionLifetime", "00:00:00.050")]);
        using var enough = new CancellationTokenSource();
        var asked = 0;
        var askers = Enumerable.Range(0, 3).Select(_ => Task.Run(async () =>
        {
            while (!enough.IsCancellationRequested)
            {
                (await shop.AskAsync("shop", new Reserve("apple"))).Problem.ShouldBeNull();
                Interlocked.Increment(ref asked);
            }
        })).ToList();

        var renewals = 0;
        await StepAsync(() => _certificates.Keeper.Rotate(force: true));
        _certificates.Keeper.AnnounceAuthority();
        await StepAsync(() => _certificates.Keeper.AdoptAuthority());
        _certificates.Keeper.RetireAuthorities();
        await StepAsync(() => _certificates.Keeper.Rotate(force: true));
        await enough.CancelAsync();
        await Task.WhenAll(askers);
        asked.ShouldBeGreaterThan(100);

        // Each process has taken the new certificates up, and connections have been made with them.
        async Task StepAsync(Action step)
        {
            step();
            renewals++;
            foreach (var node in (AskNode[])[one, two, shop])
                await Eventually.TrueAsync(() => Task.FromResult(askers.Any(a => a.IsFaulted) || Count(node) >= renewals), "the new certificate is taken up");
            var before = asked;
            await Eventually.TrueAsync(() => Task.FromResult(askers.Any(a => a.IsFaulted) || asked > before + 30), "asking goes on");
        }

        static int Count(AskNode node) => node.Log.Count(line => line.Contains("has a new certificate", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_retired_authority_ends_connections_that_are_open()
    {
        var trusting = new CertificateFolder(_certificates.Folder);
        await using var prices = await AskNode.StartAsync(_certificates, [new Prices()]);
        using var client = Client(Own(_certificates, "shop"));
        (await PostAsync(client, prices.Address)).ShouldBe(HttpStatusCode.OK);

        _certificates.Keeper.AnnounceAuthority();
        _certificates.Keeper.AdoptAuthority();
        _certificates.Keeper.RetireAuthorities();
        trusting.ReadTrusted().Count.ShouldBe(1);

        HttpStatusCode? status = HttpStatusCode.OK;
        await Eventually.TrueAsync(async () => (status = await PostAsync(client, prices.Address)) != HttpStatusCode.OK, "the trust in the former authority ends");
        status.ShouldBe(HttpStatusCode.Unauthorized);
        await Eventually.TrueAsync(async () => await PostAsync(client, prices.Address) is null, "the next connection is refused");
    }

    [Fact]
    public async Task Being_refused_is_in_the_answering_services_audit_trail()
    {
        var prefix = "a" + Guid.NewGuid().ToString("n")[..12];
        await using var probe = await AskNode.StartAsync(_certificates, [new ProbeService(new ProbeControl())], customize: builder =>
            builder.Services.AddSingleton(new DatabaseServer(shared.Postgres.ConnectionString, prefix)));
        using var client = Client(Own(_certificates, "shop"));
        using var content = new StringContent("{}");
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(probe.Address, "/ask/probe/probe.echo")) { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact, Content = content };
        // What a header says about the asker counts for nothing.
        request.Headers.Add("Mneme-Asker", "probe");
        (await client.SendAsync(request)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);

        await using var command = probe.Services.GetRequiredService<Databases>().DataSource("probe").CreateCommand("select action, outcome, detail ->> 'asker', detail ->> 'request', address from audit");
        await using var reader = await command.ExecuteReaderAsync();
        (await reader.ReadAsync()).ShouldBeTrue();
        Enumerable.Range(0, 5).Select(reader.GetString).ShouldBe(["ask.refused", "asker-not-allowed", "shop", "probe.echo", "127.0.0.1"]);
    }

    [Fact]
    public async Task The_public_listener_knows_nothing_of_asking_and_the_other_one_of_nothing_else()
    {
        await using var prices = await AskNode.StartAsync(_certificates, [new Prices()]);
        using (var stranger = new HttpClient { BaseAddress = prices.PublicAddress })
        using (var content = new StringContent("""{"article":"apple"}"""))
            (await stranger.PostAsync("/ask/prices/test.price", content)).StatusCode.ShouldBe(HttpStatusCode.NotFound);

        using var client = Client(Own(_certificates, "shop"));
        foreach (var path in (string[])["/", "/health/live", "/metrics", "/api/v1/admin/audit", "/ask/prices/test.price", "/ask/nobody/test.price"])
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(prices.Address, path)) { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
            (await client.SendAsync(request)).StatusCode.ShouldBe(HttpStatusCode.NotFound, path);
        }

        using var old = new HttpRequestMessage(HttpMethod.Get, prices.Address) { Version = HttpVersion.Version11, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        await Should.ThrowAsync<HttpRequestException>(() => client.SendAsync(old));
    }

    [Fact]
    public async Task A_process_without_its_certificate_does_not_start_and_says_what_to_do()
    {
        using var certificates = new TestCertificates(services: ["shop"]);
        (await Should.ThrowAsync<CertificateException>(() => AskNode.StartAsync(certificates, [new Prices()]))).Message.ShouldContain("mneme certs issue prices");
    }

    public void Dispose() => _certificates.Dispose();

    private static X509Certificate2 Own(TestCertificates certificates, string service) => new CertificateFolder(certificates.Folder).Read(service)!;

    private static X509Certificate2 Forged(string name, X509Certificate2 authority, string usage)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=shop", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], critical: false));
        var names = new SubjectAlternativeNameBuilder();
        names.AddUri(new Uri(name));
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.Create(authority, DateTimeOffset.UtcNow.AddMinutes(-1), DateTimeOffset.UtcNow.AddHours(1), [1, 2, 3]);
        return certificate.CopyWithPrivateKey(key);
    }

    /// <summary>A client that believes everybody, with the certificate it is given.</summary>
    private static HttpClient Client(X509Certificate2? certificate) => new(new SocketsHttpHandler
    {
        SslOptions = new SslClientAuthenticationOptions
        {
            RemoteCertificateValidationCallback = (_, shown, _, _) => shown is not null,
            LocalCertificateSelectionCallback = (_, _, _, _, _) => certificate!,
        },
    });

    private static async Task<HttpStatusCode?> SendAsync(Uri address, X509Certificate2? certificate)
    {
        using var client = Client(certificate);
        return await PostAsync(client, address);
    }

    /// <returns>The status; null if there was no HTTP at all.</returns>
    private static async Task<HttpStatusCode?> PostAsync(HttpClient client, Uri address)
    {
        using var content = new StringContent("""{"article":"apple"}""");
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(address, "/ask/prices/test.price")) { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact, Content = content };
        try
        {
            using var response = await client.SendAsync(request);
            return response.StatusCode;
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    private Task<AskNode> ShopAsync(Uri prices) => AskNode.StartAsync(_certificates, [new Shop()], settings: ("Ask:Addresses:prices", prices.ToString()));
}
