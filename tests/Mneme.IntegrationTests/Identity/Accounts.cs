using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Mneme.IntegrationTests.Support;

namespace Mneme.IntegrationTests.Identity;

/// <summary>Somebody who registered over HTTP, for tests of what follows.</summary>
internal sealed class Account(TestApplication app, string email, string password, JsonNode answer)
{
    public const string GoodPassword = "violet tractor marmalade";

    public string Email { get; } = email;

    public string Password { get; } = password;

    public Guid Id { get; } = answer["user"]!["id"]!.GetValue<Guid>();

    public string Token { get; } = answer["token"]!.GetValue<string>();

    public string RefreshToken { get; } = answer["refreshToken"]!.GetValue<string>();

    public string DeviceToken { get; } = answer["deviceToken"]!.GetValue<string>();

    public static string NewEmail() => $"person-{Guid.NewGuid():n}@example.org";

    public static async Task<Account> RegisterAsync(TestApplication app, string password = GoodPassword)
    {
        var email = NewEmail();
        using var client = Stranger(app);
        var response = await client.PostAsJsonAsync("auth/register", new { email, password, name = "Ada Lovelace", timeZone = "Europe/Berlin", locale = "de" });
        response.StatusCode.ShouldBe(HttpStatusCode.Created, await response.Content.ReadAsStringAsync());
        return new Account(app, email, password, await response.JsonAsync());
    }

    /// <summary>A client that sends neither token nor cookie.</summary>
    public static HttpClient Stranger(TestApplication app) => new(new HttpClientHandler { UseCookies = false }) { BaseAddress = new Uri(app.Address, "/api/v1/") };

    public static HttpClient With(TestApplication app, string token)
    {
        var client = Stranger(app);
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return client;
    }

    public HttpClient Client() => With(app, Token);

    public async Task<Account> LoginAsync()
    {
        using var client = Stranger(app);
        var response = await client.PostAsJsonAsync("auth/login", new { email = Email, password = Password });
        response.StatusCode.ShouldBe(HttpStatusCode.OK, await response.Content.ReadAsStringAsync());
        return new Account(app, Email, Password, await response.JsonAsync());
    }

    public static async Task<HttpStatusCode> StatusOfMeAsync(TestApplication app, string token)
    {
        using var client = With(app, token);
        return (await client.GetAsync("auth/me")).StatusCode;
    }
}

internal static class Answers
{
    public static async Task<JsonNode> JsonAsync(this HttpResponseMessage response) => (await response.Content.ReadFromJsonAsync<JsonNode>())!;

    /// <summary>The problem's code; fails if the answer is not problem details.</summary>
    public static async Task<string> CodeAsync(this HttpResponseMessage response)
    {
        response.Content.Headers.ContentType?.MediaType.ShouldBe("application/problem+json");
        return (await response.JsonAsync())["code"]!.GetValue<string>();
    }

    public static string Text(this JsonNode node, string property) => node[property]!.GetValue<string>();
}
