using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Mneme.Contracts.Identity;
using Mneme.IntegrationTests.Support;
using Mneme.Platform.Services;
using Npgsql;

namespace Mneme.IntegrationTests.Identity;

public sealed class AccountTests(SharedApplication shared)
{
    [Fact]
    public async Task Changing_oneself_raises_the_version()
    {
        var account = await Account.RegisterAsync(shared.App);
        using var client = account.Client();
        var response = await client.PatchAsJsonAsync("auth/me", new { name = "Countess", timeZone = "Europe/London", locale = "en-gb", publicProfile = true });
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        response.Headers.ETag!.Tag.ShouldBe("\"2\"");
        var me = (await client.GetFromJsonAsync<JsonNode>("auth/me"))!;
        (me.Text("name"), me.Text("timeZone"), me.Text("locale"), me["publicProfile"]!.GetValue<bool>(), me["version"]!.GetValue<long>())
            .ShouldBe(("Countess", "Europe/London", "en-GB", true, 2));

        var unchanged = await client.PatchAsJsonAsync("auth/me", new { name = "Countess" });
        unchanged.Headers.ETag!.Tag.ShouldBe("\"2\"");
    }

    [Fact]
    public async Task A_change_of_something_that_changed_meanwhile_is_refused()
    {
        var account = await Account.RegisterAsync(shared.App);
        using var client = account.Client();
        (await client.PatchAsJsonAsync("auth/me", new { name = "Countess" })).StatusCode.ShouldBe(HttpStatusCode.OK);
        client.DefaultRequestHeaders.TryAddWithoutValidation("If-Match", "\"1\"");
        (await client.PatchAsJsonAsync("auth/me", new { name = "Baroness" })).StatusCode.ShouldBe(HttpStatusCode.PreconditionFailed);
    }

    [Theory]
    [InlineData("name", "")]
    [InlineData("timeZone", "Nowhere")]
    [InlineData("locale", "12")]
    public async Task A_wrong_change_names_its_field(string field, string value)
    {
        var account = await Account.RegisterAsync(shared.App);
        using var client = account.Client();
        var response = await client.PatchAsJsonAsync("auth/me", new Dictionary<string, string>(StringComparer.Ordinal) { [field] = value });
        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await response.JsonAsync())["errors"]!.AsObject().Select(e => e.Key).ShouldBe([field]);
    }

    [Fact]
    public async Task A_new_password_replaces_the_old_one_and_ends_every_session()
    {
        var account = await Account.RegisterAsync(shared.App);
        var elsewhere = await account.LoginAsync();
        using var client = account.Client();
        var response = await client.PostAsJsonAsync("auth/change-password", new { currentPassword = account.Password, newPassword = "another violet tractor" });
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        var answer = await response.JsonAsync();

        (await Account.StatusOfMeAsync(shared.App, answer.Text("token"))).ShouldBe(HttpStatusCode.OK);
        (await Account.StatusOfMeAsync(shared.App, account.Token)).ShouldBe(HttpStatusCode.Unauthorized);
        (await Account.StatusOfMeAsync(shared.App, elsewhere.Token)).ShouldBe(HttpStatusCode.Unauthorized);
        using var stranger = Account.Stranger(shared.App);
        (await stranger.PostAsJsonAsync("auth/login", new { email = account.Email, password = account.Password })).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await stranger.PostAsJsonAsync("auth/login", new { email = account.Email, password = "another violet tractor" })).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_new_password_and_a_new_name_at_once_are_both_taken()
    {
        var account = await Account.RegisterAsync(shared.App);
        using var client = account.Client();
        await using var connection = await shared.App.Database("identity").OpenConnectionAsync(TestContext.Current.CancellationToken);
        await using var renaming = await connection.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await using var rename = new NpgsqlCommand("update users set name = 'Countess', version = version + 1 where id = $1", connection) { Parameters = { new() { Value = account.Id } } };
        await rename.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);

        var changing = client.PostAsJsonAsync("auth/change-password", new { currentPassword = account.Password, newPassword = "another violet tractor" });
        await BlockedAsync(connection, "the new password waits for the new name");
        await renaming.CommitAsync(TestContext.Current.CancellationToken);

        var response = await changing;
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await response.JsonAsync())["user"]!.Text("name").ShouldBe("Countess");
    }

    [Fact]
    public async Task Changing_the_password_needs_the_present_one_and_a_good_new_one()
    {
        var account = await Account.RegisterAsync(shared.App);
        using var client = account.Client();
        var wrong = await client.PostAsJsonAsync("auth/change-password", new { currentPassword = "not the right one", newPassword = "another violet tractor" });
        wrong.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await wrong.CodeAsync()).ShouldBe("wrong-password");
        var weak = await client.PostAsJsonAsync("auth/change-password", new { currentPassword = account.Password, newPassword = account.Email });
        weak.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await weak.JsonAsync())["errors"]!.AsObject().Select(e => e.Key).ShouldBe(["newPassword"]);
        (await client.GetAsync("auth/me")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Deleting_oneself_needs_the_password_and_leaves_nothing_but_the_trail()
    {
        var account = await Account.RegisterAsync(shared.App);
        using var client = account.Client();
        using var admin = shared.App.Admin();
        (await admin.PostAsJsonAsync("admin/invitations", new { email = account.Email })).StatusCode.ShouldBe(HttpStatusCode.Created);
        (await DeleteAsync(client, "not the right one")).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await client.GetAsync("auth/me")).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await DeleteAsync(client, account.Password)).StatusCode.ShouldBe(HttpStatusCode.NoContent);

        (await client.GetAsync("auth/me")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await shared.App.QueryAsync<long>("identity", "select (select count(*) from users where id = $1) + (select count(*) from sessions where user_id = $1) + (select count(*) from known_devices where user_id = $1)", account.Id)).ShouldBe(0);
        await Eventually.TrueAsync(async () => await shared.App.QueryAsync<long>("identity", "select count(*) from erased where id = $1", account.Id) == 1, "identity hears of it, as every service does");
        (await shared.App.QueryAsync<long>("identity", "select count(*) from invitations where normalized_email = $1", account.Email)).ShouldBe(0);
        (await shared.App.QueryAsync<long>("identity", "select count(*) from audit where subject_id = $1 and address is null", account.Id)).ShouldBeGreaterThan(1);
        (await shared.App.QueryAsync<long>("identity", "select count(*) from audit where subject_id = $1 and address is not null", account.Id)).ShouldBe(0);
        using var stranger = Account.Stranger(shared.App);
        (await stranger.PostAsJsonAsync("auth/register", new { email = account.Email, password = account.Password, name = "Ada again" })).StatusCode.ShouldBe(HttpStatusCode.Created);
    }

    [Fact]
    public async Task A_sign_in_that_is_under_way_ends_with_the_account()
    {
        var account = await Account.RegisterAsync(shared.App);
        using var client = account.Client();
        var session = Guid.NewGuid();
        // As a sign-in does: it holds the account's row while it makes its session.
        await using var connection = await shared.App.Database("identity").OpenConnectionAsync(TestContext.Current.CancellationToken);
        await using var signIn = await connection.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await using var begin = new NpgsqlCommand("""
            with person as (select id from users where id = $1 for no key update)
            insert into sessions (id, user_id, started_at, last_used_at, expires_at, address) select $2, id, now(), now(), now() + interval '90 days', '' from person
            """, connection) { Parameters = { new() { Value = account.Id }, new() { Value = session } } };
        await begin.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);

        var deleting = DeleteAsync(client, account.Password);
        await BlockedAsync(connection, "the deletion waits for the sign-in");
        await signIn.CommitAsync(TestContext.Current.CancellationToken);

        (await deleting).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await shared.App.QueryAsync<bool>("identity", "select exists (select from ended_sessions where session_id = $1)", session)).ShouldBeTrue("its access token is refused everywhere");
    }

    [Fact]
    public async Task Hearing_of_a_deletion_fifty_times_is_hearing_of_it_once()
    {
        var account = await Account.RegisterAsync(shared.App);
        await shared.App.DeliverAsync(new UserDeleted(account.Id, 2), times: 50);
        await Eventually.TrueAsync(async () => await shared.App.QueryAsync<long>("identity", "select count(*) from erased where id = $1", account.Id) == 1, "it was delivered");
        (await shared.App.QueryAsync<long>("identity", "select count(*) from users where id = $1", account.Id)).ShouldBe(0);
        (await shared.App.QueryAsync<long>("identity", "select count(*) from failed_deliveries where consumer = 'identity' and cloud_event like '%' || $1 || '%'", account.Id.ToString())).ShouldBe(0);
    }

    [Fact]
    public async Task The_export_holds_what_every_service_holds()
    {
        var account = await Account.RegisterAsync(shared.App);
        using var client = account.Client();
        var response = await client.GetAsync("auth/me/export");
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        response.Content.Headers.ContentDisposition!.FileName.ShouldNotBeNull().ShouldContain("mneme-export-");
        var export = await response.JsonAsync();
        var services = shared.App.Services.GetRequiredService<SystemServices>().WithPersonalData;
        export["services"]!.AsObject().Select(s => s.Key).ShouldBe(services, ignoreOrder: true);
        var identity = export["services"]!["identity"]!;
        identity["account"]!.Text("email").ShouldBe(account.Email);
        identity["sessions"]!.AsArray().Count.ShouldBe(1);
        identity.ToJsonString().ShouldNotContain("hash", Case.Insensitive);
    }

    [Fact]
    public async Task The_export_tells_no_network_address_of_somebody_else()
    {
        var account = await Account.RegisterAsync(shared.App);
        using var admin = shared.App.Admin();
        (await admin.PatchAsJsonAsync($"admin/users/{account.Id}", new { role = "TEACHER" })).StatusCode.ShouldBe(HttpStatusCode.OK);
        using var client = (await account.LoginAsync()).Client();
        var activities = (await (await client.GetAsync("auth/me/export")).JsonAsync())["services"]!["identity"]!["activities"]!.AsArray();
        activities.Single(a => a!.Text("action") == "user.role-changed")!["address"].ShouldBeNull("the administrator's");
        activities.Single(a => a!.Text("action") == "user.login")!["address"].ShouldNotBeNull("the person's own");
    }

    [Fact]
    public async Task An_export_with_a_gap_is_no_export()
    {
        await using var app = await TestApplication.StartAsync(shared.Postgres, customize: builder =>
            builder.Services.Replace(ServiceDescriptor.Singleton(new SystemServices(["identity", "observatory"]))));
        var account = await Account.RegisterAsync(app);
        using var client = account.Client();
        var response = await client.GetAsync("auth/me/export");
        response.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        response.Headers.RetryAfter.ShouldNotBeNull();
        (await response.Content.ReadAsStringAsync()).ShouldContain("observatory");
    }

    private Task BlockedAsync(NpgsqlConnection by, string because) => Eventually.TrueAsync(
        async () => await shared.App.QueryAsync<bool>("identity", "select exists (select from pg_stat_activity where $1 = any(pg_blocking_pids(pid)))", by.ProcessID), because);

    private static Task<HttpResponseMessage> DeleteAsync(HttpClient client, string password) =>
        client.SendAsync(new HttpRequestMessage(HttpMethod.Delete, "auth/me") { Content = JsonContent.Create(new { password }) });
}
