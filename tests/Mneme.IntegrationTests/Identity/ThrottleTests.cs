using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Mneme.IntegrationTests.Support;

namespace Mneme.IntegrationTests.Identity;

public sealed class ThrottleTests(SharedApplication shared)
{
    private static readonly Dictionary<string, string?> FewGuesses = new(StringComparer.Ordinal)
    {
        ["Identity:FailuresPerAccountAndAddress"] = "3",
        ["Identity:FailuresPerAddress"] = "5",
        ["Identity:TakenAddressesPerHour"] = "2",
    };

    [Fact]
    public async Task Guessing_ends_and_the_owner_on_a_known_device_still_gets_in()
    {
        await using var app = await TestApplication.StartAsync(shared.Postgres, settings: FewGuesses);
        var account = await Account.RegisterAsync(app);
        using var client = Account.Stranger(app);
        for (var i = 0; i < 3; i++)
            (await LoginAsync(client, account.Email, "guess")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);

        var refused = await LoginAsync(client, account.Email, account.Password);
        refused.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        refused.Headers.RetryAfter!.Delta!.Value.ShouldBeInRange(TimeSpan.FromMinutes(14), TimeSpan.FromMinutes(15));
        (await LoginAsync(client, account.Email, account.Password, account.DeviceToken)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await LoginAsync(client, account.Email, account.Password, "made-up")).StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);

        app.Clock.Advance(TimeSpan.FromMinutes(16));
        (await LoginAsync(client, account.Email, account.Password)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_browser_is_known_by_its_cookie()
    {
        await using var app = await TestApplication.StartAsync(shared.Postgres, settings: FewGuesses);
        var account = await Account.RegisterAsync(app);
        using var browser = app.Anonymous();
        (await LoginAsync(browser, account.Email, account.Password)).StatusCode.ShouldBe(HttpStatusCode.OK);
        using var guesser = Account.Stranger(app);
        for (var i = 0; i < 4; i++)
            await LoginAsync(guesser, account.Email, "guess");
        (await LoginAsync(guesser, account.Email, account.Password)).StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        (await LoginAsync(browser, account.Email, account.Password)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_known_device_can_guess_no_more_than_others()
    {
        await using var app = await TestApplication.StartAsync(shared.Postgres, settings: FewGuesses);
        var account = await Account.RegisterAsync(app);
        using var client = Account.Stranger(app);
        for (var i = 0; i < 3; i++)
            (await LoginAsync(client, account.Email, "guess", account.DeviceToken)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await LoginAsync(client, account.Email, account.Password, account.DeviceToken)).StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
    }

    [Fact]
    public async Task An_address_cannot_try_many_accounts_and_its_guesses_survive_a_restart()
    {
        var prefix = "t" + Guid.NewGuid().ToString("n")[..12];
        await using (var app = await TestApplication.StartAsync(shared.Postgres, prefix, FewGuesses))
        {
            using var client = Account.Stranger(app);
            for (var i = 0; i < 5; i++)
                (await LoginAsync(client, Account.NewEmail(), "guess")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        }

        await using var again = await TestApplication.StartAsync(shared.Postgres, prefix, FewGuesses);
        using var same = Account.Stranger(again);
        (await LoginAsync(same, Account.NewEmail(), "guess")).StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
    }

    [Fact]
    public async Task Of_many_guesses_at_once_no_more_are_answered_than_one_after_the_other()
    {
        await using var app = await TestApplication.StartAsync(shared.Postgres, settings: FewGuesses);
        var account = await Account.RegisterAsync(app);
        using var client = Account.Stranger(app);
        // All wrong: a right one among them would forget the count, as it does when they come one after the other.
        var responses = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => LoginAsync(client, account.Email, "guess")));
        responses.Count(r => r.StatusCode == HttpStatusCode.Unauthorized).ShouldBeLessThanOrEqualTo(3);
        responses.Count(r => r.StatusCode == HttpStatusCode.TooManyRequests).ShouldBeGreaterThanOrEqualTo(9);
        (await LoginAsync(client, account.Email, account.Password)).StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
    }

    [Fact]
    public async Task Asking_which_addresses_are_registered_ends_soon()
    {
        await using var app = await TestApplication.StartAsync(shared.Postgres, settings: FewGuesses);
        var account = await Account.RegisterAsync(app);
        using var client = Account.Stranger(app);
        (await RegisterAsync(client, account.Email)).StatusCode.ShouldBe(HttpStatusCode.Conflict);
        (await RegisterAsync(client, account.Email)).StatusCode.ShouldBe(HttpStatusCode.Conflict);
        (await RegisterAsync(client, account.Email)).StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        (await RegisterAsync(client, Account.NewEmail())).StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        app.Clock.Advance(TimeSpan.FromMinutes(61));
        (await RegisterAsync(client, Account.NewEmail())).StatusCode.ShouldBe(HttpStatusCode.Created);
    }

    [Fact]
    public async Task Of_many_who_register_at_once_no_more_are_taken_than_one_after_the_other()
    {
        await using var app = await TestApplication.StartAsync(
            shared.Postgres, settings: new Dictionary<string, string?>(StringComparer.Ordinal) { ["Identity:RegistrationsPerHour"] = "2" });
        using var client = Account.Stranger(app);
        var responses = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => RegisterAsync(client, Account.NewEmail())));
        responses.Count(r => r.StatusCode == HttpStatusCode.Created).ShouldBe(2);
        responses.Count(r => r.StatusCode == HttpStatusCode.TooManyRequests).ShouldBe(3);
        (await app.QueryAsync<long>("identity", "select count(*) from users")).ShouldBe(2);
    }

    [Fact]
    public async Task Whoever_holds_a_session_cannot_guess_its_password()
    {
        await using var app = await TestApplication.StartAsync(shared.Postgres, settings: FewGuesses);
        var account = await Account.RegisterAsync(app);
        using var client = account.Client();
        for (var i = 0; i < 3; i++)
            (await ChangeAsync(client, "guess")).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await ChangeAsync(client, account.Password)).StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
    }

    [Theory]
    [InlineData("Closed", "registration-closed")]
    [InlineData("Invitation", "invitation-invalid")]
    public async Task Registration_can_be_closed_or_by_invitation(string mode, string code)
    {
        await using var app = await TestApplication.StartAsync(shared.Postgres, settings: new Dictionary<string, string?>(StringComparer.Ordinal) { ["Identity:Registration"] = mode });
        using var client = Account.Stranger(app);
        (await (await RegisterAsync(client, Account.NewEmail())).CodeAsync()).ShouldBe(code);
        using var admin = app.Admin();
        var invitation = (await (await admin.PostAsJsonAsync("admin/invitations", new { expiresInDays = 1 })).JsonAsync()).Text("code");
        if (mode == "Invitation")
            (await RegisterAsync(client, Account.NewEmail(), invitation)).StatusCode.ShouldBe(HttpStatusCode.Created);
        var late = (await (await admin.PostAsJsonAsync("admin/invitations", new { expiresInDays = 1 })).JsonAsync()).Text("code");
        app.Clock.Advance(TimeSpan.FromDays(1));
        (await (await RegisterAsync(client, Account.NewEmail(), late)).CodeAsync()).ShouldBe(code);
    }

    private static Task<HttpResponseMessage> LoginAsync(HttpClient client, string email, string password, string? deviceToken = null) =>
        client.PostAsJsonAsync("auth/login", new { email, password, deviceToken });

    private static Task<HttpResponseMessage> RegisterAsync(HttpClient client, string email, string? invitationCode = null) =>
        client.PostAsJsonAsync("auth/register", new { email, password = Account.GoodPassword, name = "Ada", invitationCode });

    private static Task<HttpResponseMessage> ChangeAsync(HttpClient client, string currentPassword) =>
        client.PostAsJsonAsync("auth/change-password", new { currentPassword, newPassword = "another violet tractor" });
}
