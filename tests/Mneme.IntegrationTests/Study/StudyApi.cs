using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Mneme.IntegrationTests.Support;

namespace Mneme.IntegrationTests.Study;

/// <summary>A learner who talks to Study over HTTP.</summary>
internal sealed class StudyApi(TestApplication app, string? timeZone = null, Guid? userId = null) : IDisposable
{
    public Guid UserId { get; } = userId ?? Guid.NewGuid();

    public HttpClient Http => field ??= app.ClientOf(UserId, timeZone: timeZone ?? Midday.Zone);

    public Task<Guid> CreateTopicAsync(string name = "Capitals") => CreateAsync("topics", new { name });

    public Task<Guid> CreateCardAsync(Guid topicId, string front = "Capital of France?", string back = "Paris", string[]? tags = null) =>
        CreateAsync("flashcards", new { front, back, topicId, tags });

    public async Task<JsonElement> ReviewAsync(Guid flashcardId, int quality, int? durationMs = null) =>
        await ReadAsync(await Http.PostAsJsonAsync("flashcards/review", new { flashcardId, quality, durationMs }), HttpStatusCode.OK);

    public async Task<JsonElement> GetAsync(string path) => await ReadAsync(await Http.GetAsync(path), HttpStatusCode.OK);

    /// <summary>The body of a response that must have this status.</summary>
    public static async Task<JsonElement> ReadAsync(HttpResponseMessage response, HttpStatusCode expected)
    {
        using (response)
        {
            var body = await response.Content.ReadAsStringAsync();
            response.StatusCode.ShouldBe(expected, body);
            return body.Length == 0 ? default : JsonDocument.Parse(body).RootElement;
        }
    }

    public static async Task<HttpResponseMessage> SendAsync(HttpClient client, HttpMethod method, string path, object? body = null, string? ifMatch = null, string? key = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        if (ifMatch is not null)
            request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        if (key is not null)
            request.Headers.TryAddWithoutValidation("Idempotency-Key", key);
        return await client.SendAsync(request);
    }

    public void Dispose() => Http.Dispose();

    private async Task<Guid> CreateAsync(string path, object body) =>
        (await ReadAsync(await Http.PostAsJsonAsync(path, body), HttpStatusCode.Created)).GetProperty("id").GetGuid();
}
