using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Mneme.Contracts.Identity;
using Mneme.IntegrationTests.Support;
using Mneme.Platform.Services;

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
        (await DeleteAsync(client, "not the right one")).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await client.GetAsync("auth/me")).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await DeleteAsync(client, account.Password)).StatusCode.ShouldBe(HttpStatusCode.NoContent);

        (await client.GetAsync("auth/me")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await shared.App.QueryAsync<long>("identity", "select (select count(*) from users where id = $1) + (select count(*) from sessions where user_id = $1) + (select count(*) from known_devices where user_id = $1)", account.Id)).ShouldBe(0);
        await Eventually.TrueAsync(async () => await shared.App.QueryAsync<long>("identity", "select count(*) from erased where id = $1", account.Id) == 1, "identity hears of it, as every service does");
        (await shared.App.QueryAsync<long>("identity", "select count(*) from audit where subject_id = $1 and address is null", account.Id)).ShouldBeGreaterThan(1);
        (await shared.App.QueryAsync<long>("identity", "select count(*) from audit where subject_id = $1 and address is not null", account.Id)).ShouldBe(0);
        using var stranger = Account.Stranger(shared.App);
        (await stranger.PostAsJsonAsync("auth/register", new { email = account.Email, password = account.Password, name = "Ada again" })).StatusCode.ShouldBe(HttpStatusCode.Created);
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

    private static Task<HttpResponseMessage> DeleteAsync(HttpClient client, string password) =>
        client.SendAsync(new HttpRequestMessage(HttpMethod.Delete, "auth/me") { Content = JsonContent.Create(new { password }) });
}
