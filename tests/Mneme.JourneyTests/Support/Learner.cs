using System.Net.Http.Json;
using System.Text.Json;

namespace Mneme.JourneyTests.Support;

/// <summary>Somebody who uses the program over HTTP, as an app would.</summary>
public sealed class Learner : IDisposable
{
    private Learner(HttpClient client, Guid id, string email) => (Client, Id, Email) = (client, id, email);

    public HttpClient Client { get; private set; }

    public Guid Id { get; }

    public string Email { get; }

    public static async Task<Learner> RegisterAsync(MnemeProcess mneme, string name, string timeZone = "Europe/Berlin", string locale = "en")
    {
        var email = $"{name.ToLowerInvariant()}-{Guid.NewGuid():n}@example.org";
        using var anonymous = mneme.Client();
        using var response = await anonymous.PostAsJsonAsync("auth/register", new { email, password = "seven dull otters swim home", name, timeZone, locale });
        response.StatusCode.ShouldBe(System.Net.HttpStatusCode.Created, await response.Content.ReadAsStringAsync());
        var answer = await response.Content.ReadFromJsonAsync<JsonElement>();
        return new Learner(mneme.Client(answer.GetProperty("token").GetString()), answer.GetProperty("user").GetProperty("id").GetGuid(), email);
    }

    /// <summary>The same person, with the same token, at another process or after a restart.</summary>
    public void MoveTo(MnemeProcess mneme)
    {
        var token = Client.DefaultRequestHeaders.Authorization!.Parameter;
        Client.Dispose();
        Client = mneme.Client(token);
    }

    /// <summary>Makes a topic with cards of its own.</summary>
    public async Task<List<Guid>> MakeCardsAsync(int count)
    {
        var topic = await PostAsync("topics", new { name = "Rivers" });
        var cards = new List<Guid>();
        for (var i = 0; i < count; i++)
        {
            var card = await PostAsync("flashcards", new { front = $"Question {i}?", back = $"Answer {i}", topicId = topic.GetProperty("id").GetGuid() });
            cards.Add(card.GetProperty("id").GetGuid());
        }

        return cards;
    }

    public Task<JsonElement> ReviewAsync(Guid card, int quality = 4) => PostAsync("flashcards/review", new { flashcardId = card, quality });

    public async Task<JsonElement> PostAsync(string path, object body)
    {
        using var response = await Client.PostAsJsonAsync(path, body);
        var text = await response.Content.ReadAsStringAsync();
        response.IsSuccessStatusCode.ShouldBeTrue($"POST {path} answered {(int)response.StatusCode}: {text}");
        return JsonSerializer.Deserialize<JsonElement>(text);
    }

    public Task<JsonElement> GetAsync(string path) => Client.GetFromJsonAsync<JsonElement>(path);

    public async Task<long> PointsAsync() => (await GetAsync("progress/me")).GetProperty("points").GetInt64();

    public void Dispose() => Client.Dispose();
}
