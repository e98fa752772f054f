using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Mneme.IntegrationTests.Support;

namespace Mneme.IntegrationTests.DemoThings;

/// <summary>A person with demo things, over HTTP.</summary>
internal sealed class DemoThingsApi(TestApplication app) : IDisposable
{
    public Guid UserId { get; } = Guid.NewGuid();

    private HttpClient Http => field ??= app.ClientOf(UserId);

    public async Task<JsonNode> CreateAsync(string title = "Water", string? description = null)
    {
        using var response = await SendAsync(HttpMethod.Post, "demo-things", new { title, description });
        response.StatusCode.ShouldBe(HttpStatusCode.Created, await response.Content.ReadAsStringAsync());
        return await JsonAsync(response);
    }

    public async Task<JsonNode> GetAsync(string path) => (await Http.GetFromJsonAsync<JsonNode>(path))!;

    /// <summary>Ids of all pages of the list, in order.</summary>
    public async Task<List<Guid>> ListAsync(int limit = 100)
    {
        var ids = new List<Guid>();
        string? cursor = null;
        do
        {
            var page = await GetAsync($"demo-things?limit={limit}{(cursor is null ? "" : $"&cursor={cursor}")}");
            ids.AddRange(page["items"]!.AsArray().Select(item => IdOf(item!)));
            cursor = page["nextCursor"]?.GetValue<string>();
        }
        while (cursor is not null);
        return ids;
    }

    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, object? body = null, string? ifMatch = null, string? idempotencyKey = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        if (ifMatch is not null)
            request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        if (idempotencyKey is not null)
            request.Headers.Add("Idempotency-Key", idempotencyKey);
        return await Http.SendAsync(request);
    }

    public async Task<HttpStatusCode> StatusAsync(HttpMethod method, string path, object? body = null, string? ifMatch = null)
    {
        using var response = await SendAsync(method, path, body, ifMatch);
        return response.StatusCode;
    }

    public static async Task<JsonNode> JsonAsync(HttpResponseMessage response) => JsonNode.Parse(await response.Content.ReadAsStringAsync())!;

    public static Guid IdOf(JsonNode demoThing) => demoThing["id"]!.GetValue<Guid>();

    public void Dispose() => Http.Dispose();
}
