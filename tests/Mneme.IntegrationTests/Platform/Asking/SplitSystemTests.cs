using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Mneme.Identity;
using Mneme.IntegrationTests.Identity;
using Mneme.IntegrationTests.Support;
using Mneme.Platform.Asking;
using Mneme.Platform.Services;
using Mneme.Study;

namespace Mneme.IntegrationTests.Platform.Asking;

/// <summary>Identity in one process, another service in a second one: what every service needs of Identity, and what Identity needs of every service.</summary>
public sealed class SplitSystemTests(SharedApplication shared) : IAsyncLifetime
{
    private readonly TestCertificates _certificates = new(services: ["identity", "study"]);
    private readonly Link _toIdentity = new();
    private readonly Link _toStudy = new();
    private readonly string _prefix = "t" + Guid.NewGuid().ToString("n")[..12];

    [Fact]
    public async Task A_token_holds_and_ends_in_a_process_without_identity()
    {
        await using var identity = await StartAsync(new IdentityService());
        await using var study = await StartAsync(new StudyService());
        var account = await Account.RegisterAsync(identity);

        // Identity cannot be reached yet: nobody is told that a token is wrong which is right.
        (await StatusAsync(study, account.Token)).ShouldBe(HttpStatusCode.ServiceUnavailable);
        (await ReadinessAsync(study)).ShouldBe(HttpStatusCode.ServiceUnavailable);

        _toIdentity.Target = AddressOf(identity);
        await Eventually.TrueAsync(async () => await ReadinessAsync(study) == HttpStatusCode.OK, "it has read Identity's keys");
        (await StatusAsync(study, account.Token)).ShouldBe(HttpStatusCode.OK);
        (await StatusAsync(study, account.Token[..^3] + "AAA")).ShouldBe(HttpStatusCode.Unauthorized);

        using (var client = account.Client())
            (await client.PostAsync("auth/logout", content: null)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        await Eventually.TrueAsync(async () => await StatusAsync(study, account.Token) == HttpStatusCode.Unauthorized, "the end of the session is known here too");

        // While Identity is away, what it said last holds.
        var other = await Account.RegisterAsync(identity);
        (await StatusAsync(study, other.Token)).ShouldBe(HttpStatusCode.OK);
        _toIdentity.IsDown = true;
        _toIdentity.Cut();
        (await StatusAsync(study, other.Token)).ShouldBe(HttpStatusCode.OK);
        (await StatusAsync(study, account.Token)).ShouldBe(HttpStatusCode.Unauthorized);
        (await ReadinessAsync(study)).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_key_that_is_new_is_asked_for_when_a_token_comes_with_it()
    {
        await using var identity = await StartAsync(new IdentityService());
        _toIdentity.Target = AddressOf(identity);
        await using var study = await StartAsync(new StudyService());
        await Eventually.TrueAsync(async () => await ReadinessAsync(study) == HttpStatusCode.OK, "it has read Identity's keys");

        // Another instance, with a key file and so a key of its own.
        await using var second = await StartAsync(new IdentityService());
        var account = await Account.RegisterAsync(second);
        await Eventually.TrueAsync(async () => await StatusAsync(study, account.Token) == HttpStatusCode.OK, "the new key is known");
    }

    [Fact]
    public async Task A_person_exports_what_services_in_other_processes_hold_or_nothing()
    {
        var system = new SystemServices(["identity", "study"]);
        await using var identity = await StartAsync(new IdentityService(), system);
        await using var study = await StartAsync(new StudyService(), system);
        (_toIdentity.Target, _toStudy.Target) = (AddressOf(identity), AddressOf(study));
        await Eventually.TrueAsync(async () => await ReadinessAsync(study) == HttpStatusCode.OK, "it has read Identity's keys");
        var account = await Account.RegisterAsync(identity);
        using (var client = Account.With(study, account.Token))
            (await client.PostAsJsonAsync("topics", new { name = "Otters" })).StatusCode.ShouldBe(HttpStatusCode.Created);

        using var person = account.Client();
        var export = await person.GetFromJsonAsync<JsonNode>("auth/me/export");
        export!["services"]!["study"]!.ToJsonString().ShouldContain("Otters");
        export["services"]!["identity"]!.ToJsonString().ShouldContain(account.Email);

        _toStudy.IsDown = true;
        _toStudy.Cut();
        var refused = await person.GetAsync("auth/me/export");
        refused.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        (await refused.CodeAsync()).ShouldBe("export-incomplete");
    }

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _toIdentity.DisposeAsync();
        await _toStudy.DisposeAsync();
        _certificates.Dispose();
    }

    private Task<TestApplication> StartAsync(IService service, SystemServices? system = null) => TestApplication.StartAsync(
        shared.Postgres, _prefix, new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["Ask:Port"] = "0",
            ["Ask:Addresses:identity"] = _toIdentity.Address.ToString(),
            ["Ask:Addresses:study"] = _toStudy.Address.ToString(),
            ["Ask:BreakerPause"] = "00:00:00.500",
            ["Certificates:Folder"] = _certificates.Folder,
        },
        builder =>
        {
            if (system is not null)
                builder.Services.AddSingleton(system);
        },
        services: [service]);

    private static Uri AddressOf(TestApplication app) => app.Services.GetRequiredService<AskListener>().Address!;

    private static async Task<HttpStatusCode> StatusAsync(TestApplication app, string token)
    {
        using var client = Account.With(app, token);
        return (await client.GetAsync("topics")).StatusCode;
    }

    private static async Task<HttpStatusCode> ReadinessAsync(TestApplication app)
    {
        using var client = new HttpClient { BaseAddress = app.Address };
        return (await client.GetAsync("/health/ready")).StatusCode;
    }
}
