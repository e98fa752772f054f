using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Mneme.IntegrationTests.Support;

namespace Mneme.IntegrationTests.Capture;

/// <summary>A person who captures, over HTTP.</summary>
internal sealed class CaptureApi(TestApplication app, Guid? userId = null) : IDisposable
{
    private const string SomeText = "Photosynthesis is the process by which plants turn light into chemical energy.";

    public Guid UserId { get; } = userId ?? Guid.NewGuid();

    public HttpClient Http => field ??= app.ClientOf(UserId);

    /// <summary>Posts a capture; whatever is given replaces or adds to a valid text.</summary>
    public Task<HttpResponseMessage> PostAsync(params (string Name, object? Value)[] fields)
    {
        var body = new Dictionary<string, object?>(StringComparer.Ordinal) { ["type"] = "TEXT", ["content"] = $"{SomeText} {Guid.NewGuid()}" };
        foreach (var (name, value) in fields)
            body[name] = value;
        return Http.PostAsJsonAsync("captures", body);
    }

    /// <summary>Creates a capture and returns it.</summary>
    public async Task<JsonNode> CreateAsync(params (string Name, object? Value)[] fields)
    {
        using var response = await PostAsync(fields);
        response.StatusCode.ShouldBe(HttpStatusCode.Created, await response.Content.ReadAsStringAsync());
        return await JsonAsync(response);
    }

    public async Task<JsonNode> GetAsync(Guid id)
    {
        using var response = await Http.GetAsync($"captures/{id}");
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        return await JsonAsync(response);
    }

    public async Task<HttpStatusCode> StatusAsync(HttpMethod method, string path, object? body = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        using var response = await Http.SendAsync(request);
        return response.StatusCode;
    }

    /// <summary>Ids of all pages of a list, in order.</summary>
    public async Task<List<Guid>> ListAsync(string query = "", int limit = 100)
    {
        var ids = new List<Guid>();
        string? cursor = null;
        do
        {
            var page = (await Http.GetFromJsonAsync<JsonNode>($"captures?limit={limit}{(query.Length > 0 ? "&" + query : "")}{(cursor is null ? "" : "&cursor=" + cursor)}"))!;
            ids.AddRange(page["items"]!.AsArray().Select(item => item!["id"]!.GetValue<Guid>()));
            cursor = page["nextCursor"]?.GetValue<string>();
        }
        while (cursor is not null);
        return ids;
    }

    public static async Task<JsonNode> JsonAsync(HttpResponseMessage response) => JsonNode.Parse(await response.Content.ReadAsStringAsync())!;

    public static Guid IdOf(JsonNode capture) => capture["id"]!.GetValue<Guid>();

    public void Dispose() => Http.Dispose();
}
