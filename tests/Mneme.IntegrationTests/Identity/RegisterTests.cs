using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Mneme.IntegrationTests.Support;

namespace Mneme.IntegrationTests.Identity;

public sealed class RegisterTests(SharedApplication shared)
{
    [Fact]
    public async Task Registering_signs_in_at_once()
    {
        using var client = Account.Stranger(shared.App);
        var email = Account.NewEmail();
        var response = await client.PostAsJsonAsync("auth/register", new { email = $" {email} ", password = Account.GoodPassword, name = " Ada ", timeZone = "Europe/Berlin", locale = "de-at" });

        response.StatusCode.ShouldBe(HttpStatusCode.Created);
        var answer = await response.JsonAsync();
        answer["user"]!.Text("email").ShouldBe(email);
        answer["user"]!.Text("name").ShouldBe("Ada");
        answer["user"]!.Text("role").ShouldBe("USER");
        answer["expiresIn"]!.GetValue<int>().ShouldBe(600);
        using var me = Account.With(shared.App, answer.Text("token"));
        var seen = (await me.GetFromJsonAsync<JsonNode>("auth/me"))!;
        seen.Text("id").ShouldBe(answer["user"]!.Text("id"));
        seen.Text("timeZone").ShouldBe("Europe/Berlin");
        seen.Text("locale").ShouldBe("de-AT");
        seen["publicProfile"]!.GetValue<bool>().ShouldBeFalse();
    }

    [Fact]
    public async Task The_language_is_taken_from_the_browser_when_none_is_given()
    {
        using var client = Account.Stranger(shared.App);
        client.DefaultRequestHeaders.AcceptLanguage.ParseAdd("tlh-XX;q=1, fr;q=0.5, de-DE;q=0.9");
        var response = await client.PostAsJsonAsync("auth/register", new { email = Account.NewEmail(), password = Account.GoodPassword, name = "Ada" });
        using var me = Account.With(shared.App, (await response.JsonAsync()).Text("token"));
        var seen = (await me.GetFromJsonAsync<JsonNode>("auth/me"))!;
        seen.Text("locale").ShouldBe("de-DE");
        seen.Text("timeZone").ShouldBe("UTC");
    }

    [Theory]
    [InlineData("email", "not-an-address")]
    [InlineData("email", "a@b@c")]
    [InlineData("email", "ada@example")]
    [InlineData("email", "ada\r\nbcc: eve@example.org")]
    [InlineData("email", "\uFDFA\uFDFA\uFDFA\uFDFA\uFDFA\uFDFA\uFDFA\uFDFA\uFDFA\uFDFA\uFDFA\uFDFA\uFDFA\uFDFA\uFDFA\uFDFA\uFDFA\uFDFA@example.org")]
    [InlineData("name", "   ")]
    [InlineData("name", "Ada\nLovelace")]
    [InlineData("name", "\u202Eadb")]
    [InlineData("timeZone", "Mars/Olympus")]
    [InlineData("timeZone", "../../etc/passwd")]
    [InlineData("locale", "klingonisch")]
    [InlineData("password", "short")]
    [InlineData("password", "password")]
    [InlineData("password", "Qwerty123456")]
    public async Task Wrong_input_names_its_field_and_changes_nothing(string field, string value)
    {
        var email = Account.NewEmail();
        var request = new Dictionary<string, string>(StringComparer.Ordinal) { ["email"] = email, ["password"] = Account.GoodPassword, ["name"] = "Ada", ["timeZone"] = "Europe/Berlin", ["locale"] = "de" };
        request[field] = value;
        using var client = Account.Stranger(shared.App);
        var response = await client.PostAsJsonAsync("auth/register", request);

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await response.JsonAsync())["errors"]!.AsObject().Select(e => e.Key).ShouldBe([field]);
        (await shared.App.QueryAsync<long>("identity", "select count(*) from users where email = $1", email)).ShouldBe(0);
    }

    [Fact]
    public async Task A_taken_address_is_refused_however_it_is_written()
    {
        var account = await Account.RegisterAsync(shared.App);
        using var client = Account.Stranger(shared.App);
        var response = await client.PostAsJsonAsync("auth/register", new { email = account.Email.ToUpperInvariant(), password = Account.GoodPassword, name = "Eve" });
        response.StatusCode.ShouldBe(HttpStatusCode.Conflict);
        (await response.CodeAsync()).ShouldBe("email-taken");
    }

    [Fact]
    public async Task Of_many_who_register_the_same_address_at_once_one_succeeds()
    {
        var email = Account.NewEmail();
        using var client = Account.Stranger(shared.App);
        var responses = await Task.WhenAll(Enumerable.Range(0, 8).Select(i =>
            client.PostAsJsonAsync("auth/register", new { email, password = Account.GoodPassword, name = $"Ada {i}" })));

        responses.Count(r => r.StatusCode == HttpStatusCode.Created).ShouldBe(1);
        responses.Count(r => r.StatusCode == HttpStatusCode.Conflict).ShouldBe(7);
        var id = await shared.App.QueryAsync<Guid>("identity", "select id from users where email = $1", email);
        (await shared.App.QueryAsync<long>("identity", "select count(*) from audit where action = 'user.register' and subject_id = $1", id)).ShouldBe(1);
    }

    [Fact]
    public async Task The_name_of_a_client_is_cut_between_characters()
    {
        using var handler = new SocketsHttpHandler { UseCookies = false, RequestHeaderEncodingSelector = (_, _) => System.Text.Encoding.UTF8 };
        using var client = new HttpClient(handler) { BaseAddress = new Uri(shared.App.Address, "/api/v1/") };
        client.DefaultRequestHeaders.TryAddWithoutValidation("User-Agent", new string('x', 199) + "🦊🦊");
        var response = await client.PostAsJsonAsync("auth/register", new { email = Account.NewEmail(), password = Account.GoodPassword, name = "Ada" });
        response.StatusCode.ShouldBe(HttpStatusCode.Created, await response.Content.ReadAsStringAsync());
        using var me = Account.With(shared.App, (await response.JsonAsync()).Text("token"));
        (await me.GetFromJsonAsync<JsonNode>("auth/sessions"))!["items"]![0]!.Text("userAgent").ShouldBe(new string('x', 199));
    }

    [Fact]
    public async Task The_role_is_never_taken_from_the_request()
    {
        using var client = Account.Stranger(shared.App);
        var response = await client.PostAsJsonAsync("auth/register", new { email = Account.NewEmail(), password = Account.GoodPassword, name = "Eve", role = "ADMIN" });
        response.StatusCode.ShouldBe(HttpStatusCode.Created);
        (await response.JsonAsync())["user"]!.Text("role").ShouldBe("USER");
    }
}
