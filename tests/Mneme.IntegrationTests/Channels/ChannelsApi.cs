using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Mneme.IntegrationTests.Support;

namespace Mneme.IntegrationTests.Channels;

/// <summary>A person with channels, and the senders that deliver to them, over HTTP.</summary>
internal sealed class ChannelsApi(TestApplication app, Guid? userId = null) : IDisposable
{
    private readonly HttpClient _sender = app.Anonymous();
    private HttpClient? _http;

    public Guid UserId { get; } = userId ?? Guid.NewGuid();

    public HttpClient Http => _http ??= app.ClientOf(UserId);

    /// <summary>Takes a new token, after the clock was moved.</summary>
    public void SignInAgain() => (_http, _) = (null, _http);

    public Task<HttpResponseMessage> PostAsync(string type, string name = "News", string? url = null, string? publicKey = null) =>
        Http.PostAsJsonAsync("channels", new { type, name, url, publicKey });

    /// <summary>Registers a channel and returns it, with its secret.</summary>
    public async Task<JsonNode> RegisterAsync(string type, string name = "News", string? url = null, string? publicKey = null)
    {
        using var response = await PostAsync(type, name, url, publicKey);
        response.StatusCode.ShouldBe(HttpStatusCode.Created, await response.Content.ReadAsStringAsync());
        return await JsonAsync(response);
    }

    public async Task<JsonNode> GetAsync(string path) => (await Http.GetFromJsonAsync<JsonNode>(path))!;

    public async Task<List<string>> MessagesAsync(JsonNode channel) =>
        [.. (await GetAsync($"channels/{IdOf(channel)}/messages?limit=100"))["items"]!.AsArray().Select(m => m!["text"]!.GetValue<string>())];

    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, object? body = null, string? ifMatch = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        if (ifMatch is not null)
            request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        return await Http.SendAsync(request);
    }

    public async Task<HttpStatusCode> StatusAsync(HttpMethod method, string path, object? body = null, string? ifMatch = null)
    {
        using var response = await SendAsync(method, path, body, ifMatch);
        return response.StatusCode;
    }

    /// <summary>Delivers as a sender does, who has no token.</summary>
    public async Task<HttpResponseMessage> DeliverAsync(string inbox, byte[] body, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(app.Address, inbox)) { Content = new ByteArrayContent(body) };
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        return await _sender.SendAsync(request);
    }

    /// <summary>Signs as Standard Webhooks says.</summary>
    public (string Name, string Value)[] Sign(string secret, byte[] body, string? id = null, DateTimeOffset? at = null)
    {
        id ??= $"msg_{Guid.NewGuid():n}";
        var seconds = (at ?? app.Clock.GetUtcNow()).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var signature = HMACSHA256.HashData(Convert.FromBase64String(secret["whsec_".Length..]), (byte[])[.. Encoding.UTF8.GetBytes($"{id}.{seconds}."), .. body]);
        return [("webhook-id", id), ("webhook-timestamp", seconds), ("webhook-signature", $"v1,{Convert.ToBase64String(signature)}")];
    }

    /// <summary>Delivers a signed message to a WEBHOOK channel.</summary>
    public Task<HttpResponseMessage> SayAsync(JsonNode channel, string text, string? id = null, string? title = null)
    {
        var body = Encoding.UTF8.GetBytes(new JsonObject { ["text"] = text, ["title"] = title }.ToJsonString());
        return DeliverAsync(InboxOf(channel), body, Sign(SecretOf(channel), body, id));
    }

    /// <summary>As <see cref="SayAsync"/>, for what became of it.</summary>
    public async Task<(HttpStatusCode Code, string? Status)> OutcomeAsync(Task<HttpResponseMessage> delivery)
    {
        using var response = await delivery;
        var answer = await response.Content.ReadAsStringAsync();
        return (response.StatusCode, answer.Length == 0 ? null : JsonNode.Parse(answer)!["status"] is JsonValue status && status.TryGetValue<string>(out var text) ? text : null);
    }

    public static async Task<JsonNode> JsonAsync(HttpResponseMessage response) => JsonNode.Parse(await response.Content.ReadAsStringAsync())!;

    public static Guid IdOf(JsonNode channel) => channel["id"]!.GetValue<Guid>();

    public static string SecretOf(JsonNode channel) => channel["secret"]!.GetValue<string>();

    /// <summary>The path of the inbox: the address names the installation as people reach it, which tests do not.</summary>
    public static string InboxOf(JsonNode channel) => new Uri(channel["inbox"]!.GetValue<string>()).AbsolutePath;

    public void Dispose()
    {
        _http?.Dispose();
        _sender.Dispose();
    }
}
