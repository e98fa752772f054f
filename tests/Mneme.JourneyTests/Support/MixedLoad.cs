using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Mneme.JourneyTests.Support;

/// <summary>One person of the load, and what was acknowledged to them.</summary>
internal sealed class Person(Guid id, string token)
{
    public Guid Id => id;

    public string Token => token;

    public Guid Topic { get; set; }

    public List<Guid> Cards { get; } = [];

    public int Reviews { get; set; }

    public int Captures { get; set; }
}

/// <summary>
/// People who register, make cards, capture and review at the same time, and who repeat what failed, under the same key, until it is acknowledged. So what has to be stored in the end is known exactly,
/// whatever happened to the answers.
/// </summary>
internal sealed class MixedLoad(MnemeProcess mneme, int seed, int workers) : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly HttpClient _client = new() { BaseAddress = mneme.Api, Timeout = TimeSpan.FromSeconds(40) };
    private int _acknowledged;
    private int _failed;
    private long _longestTicks;

    public ConcurrentQueue<Person> People { get; } = new();

    /// <summary>Acts that were acknowledged.</summary>
    public int Acknowledged => Volatile.Read(ref _acknowledged);

    /// <summary>Attempts that were not, and were repeated.</summary>
    public int Failed => Volatile.Read(ref _failed);

    /// <summary>How long the slowest act took, with all its attempts.</summary>
    public TimeSpan Longest => TimeSpan.FromTicks(Interlocked.Read(ref _longestTicks));

    public async Task RunUntilAsync(Func<bool> isDone) => await Task.WhenAll(Enumerable.Range(0, workers).Select(worker => Task.Run(async () =>
    {
        var random = new Random(seed + worker);
        var person = await RegisterAsync(random);
        while (!isDone())
        {
            switch (random.Next(20))
            {
                case 0:
                    person = await RegisterAsync(random);
                    break;
                case 1:
                    await MakeCardAsync(person, random);
                    break;
                case 2 or 3:
                    // Three sentences from which cards can be made; the number makes each text another one.
                    await SendAsync(person.Token, random, "captures", new
                    {
                        type = "TEXT",
                        content = $"Station {person.Captures} of the river stands at kilometre {random.Next(1_000_000)}. The Danube is the second longest river of Europe. It rises in the Black Forest and flows into the Black Sea.",
                    });
                    person.Captures++;
                    break;
                default:
                    await SendAsync(person.Token, random, "flashcards/review", new { flashcardId = person.Cards[random.Next(person.Cards.Count)], quality = random.Next(6) });
                    person.Reviews++;
                    break;
            }
        }
    })));

    private async Task<Person> RegisterAsync(Random random)
    {
        const string Password = "seven dull otters swim home";
        var email = $"{NewKey(random)}@example.org";
        // Nobody is signed in, so there is no key: when the answer was lost, the address is taken, and the person signs in.
        var answer = await SendAsync(token: null, random, "auth/register", new { email, password = Password, name = "Ada", timeZone = "Europe/Berlin", locale = "en" })
            ?? (await SendAsync(token: null, random, "auth/login", new { email, password = Password }))!.Value;
        var person = new Person(answer.GetProperty("user").GetProperty("id").GetGuid(), answer.GetProperty("token").GetString()!);
        person.Topic = (await SendAsync(person.Token, random, "topics", new { name = "Rivers" }))!.Value.GetProperty("id").GetGuid();
        for (var i = 0; i < 3; i++)
            await MakeCardAsync(person, random);
        People.Enqueue(person);
        return person;
    }

    private async Task MakeCardAsync(Person person, Random random)
    {
        var card = await SendAsync(person.Token, random, "flashcards", new { front = "Where does the Danube rise?", back = "In the Black Forest", topicId = person.Topic });
        person.Cards.Add(card!.Value.GetProperty("id").GetGuid());
    }

    /// <summary>Sends until it is acknowledged.</summary>
    /// <returns>The answer; null if an address is taken.</returns>
    private async Task<JsonElement?> SendAsync(string? token, Random random, string path, object body)
    {
        var (key, start) = (NewKey(random), Stopwatch.GetTimestamp());
        while (true)
        {
            var (answer, isDone) = await TryAsync(token, key, path, body);
            var elapsed = Stopwatch.GetElapsedTime(start);
            if (isDone)
            {
                Interlocked.Increment(ref _acknowledged);
                InterlockedMax(ref _longestTicks, elapsed.Ticks);
                return answer;
            }

            Interlocked.Increment(ref _failed);
            (elapsed < Limit).ShouldBeTrue($"POST {path} was not acknowledged in {Limit.TotalSeconds} s");
            await Task.Delay(Pause);
        }
    }

    private async Task<(JsonElement? Answer, bool IsDone)> TryAsync(string? token, string key, string path, object body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(body), Headers = { { "Idempotency-Key", key } } };
        if (token is not null)
            request.Headers.Authorization = new("Bearer", token);
        try
        {
            using var response = await _client.SendAsync(request);
            var text = await response.Content.ReadAsStringAsync();
            if (response.IsSuccessStatusCode)
                return (JsonSerializer.Deserialize<JsonElement>(text), true);
            if (response.StatusCode == HttpStatusCode.Conflict && token is null)
                return (null, true);
            // The first attempt may still be at work where nobody heard its answer.
            var mayRepeat = response.StatusCode is HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable || text.Contains("idempotency-key-in-use", StringComparison.Ordinal);
            mayRepeat.ShouldBeTrue($"POST {path} answered {(int)response.StatusCode}: {text}");
            return (null, false);
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            return (null, false);
        }
    }

    private static string NewKey(Random random)
    {
        var bytes = new byte[16];
        random.NextBytes(bytes);
        return Convert.ToHexStringLower(bytes);
    }

    private static void InterlockedMax(ref long target, long value)
    {
        for (var seen = Interlocked.Read(ref target); value > seen;)
        {
            var found = Interlocked.CompareExchange(ref target, value, seen);
            if (found == seen)
                return;
            seen = found;
        }
    }

    public void Dispose() => _client.Dispose();
}
