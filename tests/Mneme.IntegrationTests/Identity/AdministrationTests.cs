using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Mneme.Identity;
using Mneme.IntegrationTests.Support;

namespace Mneme.IntegrationTests.Identity;

public sealed class AdministrationTests(SharedApplication shared)
{
    [Fact]
    public async Task The_first_administrator_is_made_without_HTTP()
    {
        var email = Account.NewEmail();
        var created = await UserAdministration.CreateAsync(shared.App.Services, email, "Root", "admin", Account.GoodPassword, CancellationToken.None);
        created.Value!.Role.ShouldBe("ADMIN");
        using var client = Account.Stranger(shared.App);
        var login = await client.PostAsJsonAsync("auth/login", new { email, password = Account.GoodPassword });
        using var admin = Account.With(shared.App, (await login.JsonAsync()).Text("token"));
        (await admin.GetAsync("admin/users?limit=1")).StatusCode.ShouldBe(HttpStatusCode.OK);

        (await UserAdministration.CreateAsync(shared.App.Services, email, "Root", "ADMIN", Account.GoodPassword, CancellationToken.None)).Problem!.Code.ShouldBe("email-taken");
        (await UserAdministration.CreateAsync(shared.App.Services, Account.NewEmail(), "Root", "EMPEROR", Account.GoodPassword, CancellationToken.None)).Problem!.Errors!.Keys.ShouldBe(["role"]);
        (await UserAdministration.CreateAsync(shared.App.Services, "nowhere", "Root", "ADMIN", "12345678", CancellationToken.None)).Problem!.Errors!.Keys.ShouldBe(["email", "password"], ignoreOrder: true);
    }

    [Fact]
    public async Task Administration_is_for_administrators()
    {
        using var client = (await Account.RegisterAsync(shared.App)).Client();
        (await client.GetAsync("admin/users")).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await client.PostAsJsonAsync("admin/invitations", new { })).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await client.PatchAsJsonAsync($"admin/users/{Guid.NewGuid()}", new { role = "ADMIN" })).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task Accounts_are_found_by_the_beginning_of_their_address()
    {
        var account = await Account.RegisterAsync(shared.App);
        await Account.RegisterAsync(shared.App);
        using var admin = shared.App.Admin();
        var found = (await admin.GetFromJsonAsync<JsonNode>($"admin/users?email={account.Email[..20].ToUpperInvariant()}"))!;
        found["items"]!.AsArray().Select(i => i!["id"]!.GetValue<Guid>()).ShouldBe([account.Id]);
        (await admin.GetFromJsonAsync<JsonNode>("admin/users?email=%25"))!["items"]!.AsArray().ShouldBeEmpty();
        (await admin.GetAsync("admin/users?email=%EF%BF%BE")).StatusCode.ShouldBe(HttpStatusCode.BadRequest, "U+FFFE is no character");
        var first = (await admin.GetFromJsonAsync<JsonNode>("admin/users?limit=1"))!;
        var second = (await admin.GetFromJsonAsync<JsonNode>($"admin/users?limit=1&cursor={first.Text("nextCursor")}"));
        second.ShouldNotBeNull()["items"]!.AsArray().SingleOrDefault()?.Text("id").ShouldNotBe(first["items"]![0]!.Text("id"));
    }

    [Fact]
    public async Task A_new_role_counts_from_the_next_sign_in_and_the_old_tokens_end()
    {
        var account = await Account.RegisterAsync(shared.App);
        using var admin = shared.App.Admin();
        var response = await admin.PatchAsJsonAsync($"admin/users/{account.Id}", new { role = "TEACHER" });
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await response.JsonAsync()).Text("role").ShouldBe("TEACHER");

        (await Account.StatusOfMeAsync(shared.App, account.Token)).ShouldBe(HttpStatusCode.Unauthorized);
        using var stranger = Account.Stranger(shared.App);
        (await stranger.PostAsJsonAsync("auth/refresh", new { refreshToken = account.RefreshToken })).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        var again = await account.LoginAsync();
        Jwt.Payload(again.Token).Text("role").ShouldBe("TEACHER");
        (await shared.App.QueryAsync<long>("identity", "select count(*) from audit where subject_id = $1 and action = 'user.role-changed'", account.Id)).ShouldBe(1);
    }

    [Fact]
    public async Task A_closed_account_lets_nobody_in_until_it_is_opened()
    {
        var account = await Account.RegisterAsync(shared.App);
        using var admin = shared.App.Admin();
        (await admin.PatchAsJsonAsync($"admin/users/{account.Id}", new { disabled = true })).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await Account.StatusOfMeAsync(shared.App, account.Token)).ShouldBe(HttpStatusCode.Unauthorized);
        using var client = Account.Stranger(shared.App);
        (await (await client.PostAsJsonAsync("auth/login", new { email = account.Email, password = account.Password })).CodeAsync()).ShouldBe("account-disabled");
        (await (await client.PostAsJsonAsync("auth/login", new { email = account.Email, password = "not the right one" })).CodeAsync()).ShouldBe("invalid-credentials");

        (await UserAdministration.DisableAsync(shared.App.Services, account.Email, isDisabled: false, CancellationToken.None)).Value!.IsDisabled.ShouldBeFalse();
        await account.LoginAsync();
    }

    [Fact]
    public async Task A_change_of_an_account_that_changed_meanwhile_is_refused()
    {
        var account = await Account.RegisterAsync(shared.App);
        using var admin = shared.App.Admin();
        admin.DefaultRequestHeaders.TryAddWithoutValidation("If-Match", "\"7\"");
        (await admin.PatchAsJsonAsync($"admin/users/{account.Id}", new { role = "TEACHER" })).StatusCode.ShouldBe(HttpStatusCode.PreconditionFailed);
        (await admin.PatchAsJsonAsync($"admin/users/{Guid.NewGuid()}", new { role = "TEACHER" })).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await admin.PatchAsJsonAsync($"admin/users/{account.Id}", new { role = "EMPEROR" })).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task An_invitation_is_good_for_one_account_and_its_role()
    {
        using var admin = shared.App.Admin();
        var invitation = await (await admin.PostAsJsonAsync("admin/invitations", new { role = "TEACHER" })).JsonAsync();
        using var client = Account.Stranger(shared.App);
        var responses = await Task.WhenAll(Enumerable.Range(0, 4).Select(i => client.PostAsJsonAsync(
            "auth/register", new { email = Account.NewEmail(), password = Account.GoodPassword, name = "Ada", invitationCode = invitation.Text("code") })));

        var admitted = responses.Single(r => r.StatusCode == HttpStatusCode.Created);
        (await admitted.JsonAsync())["user"]!.Text("role").ShouldBe("TEACHER");
        foreach (var refused in responses.Where(r => r != admitted))
            (await refused.CodeAsync()).ShouldBe("invitation-invalid");
    }

    [Fact]
    public async Task An_invitation_for_somebody_is_worthless_for_others_and_can_be_withdrawn()
    {
        var email = Account.NewEmail();
        using var admin = shared.App.Admin();
        var invitation = await (await admin.PostAsJsonAsync("admin/invitations", new { email })).JsonAsync();
        using var client = Account.Stranger(shared.App);
        (await (await RegisterAsync(client, Account.NewEmail(), invitation.Text("code"))).CodeAsync()).ShouldBe("invitation-invalid");

        var listed = (await admin.GetFromJsonAsync<JsonNode>("admin/invitations"))!["items"]!.AsArray().Single(i => i!.Text("id") == invitation.Text("id"))!;
        listed.Text("email").ShouldBe(email);
        listed.AsObject().ContainsKey("code").ShouldBeFalse();
        (await admin.DeleteAsync($"admin/invitations/{invitation.Text("id")}")).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await (await RegisterAsync(client, email, invitation.Text("code"))).CodeAsync()).ShouldBe("invitation-invalid");
        (await admin.DeleteAsync($"admin/invitations/{invitation.Text("id")}")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData("USER", false)]
    [InlineData("ADMIN", true)]
    public async Task Whoever_ceases_to_administer_has_invited_nobody(string role, bool disabled)
    {
        var email = Account.NewEmail();
        var made = (await UserAdministration.CreateAsync(shared.App.Services, email, "Root", "ADMIN", Account.GoodPassword, CancellationToken.None)).Value!;
        await UserAdministration.CreateAsync(shared.App.Services, Account.NewEmail(), "Root", "ADMIN", Account.GoodPassword, CancellationToken.None);
        using var theirs = shared.App.ClientOf(made.Id, "ADMIN");
        var code = (await (await theirs.PostAsJsonAsync("admin/invitations", new { role = "ADMIN" })).JsonAsync()).Text("code");

        using var admin = shared.App.Admin();
        (await admin.PatchAsJsonAsync($"admin/users/{made.Id}", new { role, disabled })).StatusCode.ShouldBe(HttpStatusCode.OK);

        using var client = Account.Stranger(shared.App);
        (await (await RegisterAsync(client, Account.NewEmail(), code)).CodeAsync()).ShouldBe("invitation-invalid");
    }

    private static Task<HttpResponseMessage> RegisterAsync(HttpClient client, string email, string code) =>
        client.PostAsJsonAsync("auth/register", new { email, password = Account.GoodPassword, name = "Ada", invitationCode = code });
}
