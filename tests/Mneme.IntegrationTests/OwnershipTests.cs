using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Mneme.IntegrationTests.Support;

namespace Mneme.IntegrationTests;

/// <summary>
/// Every operation that the API description calls <c>owner</c>, with a real resource: the owner succeeds, a stranger gets 404 for the same id, nobody gets in without a token,
/// and a stranger's lists do not show it. A new route fails here until it says how to make its resource, so none escapes.
/// </summary>
public sealed class OwnershipTests(SharedApplication shared)
{
    private const string Password = "seven dull otters swim home";

    /// <summary>How to make a resource, by the name of the path's or body's parameter that takes its id.</summary>
    private static readonly Dictionary<string, Func<OwnershipTests, Person, Task<Guid>>> Makers = new(StringComparer.Ordinal)
    {
        ["captures/{id}"] = (_, owner) => owner.CreateAsync("captures", new { type = "TEXT", content = $"A whole sentence to learn from, number {Guid.NewGuid()}." }),
        ["captures/{id}/retry"] = (test, owner) => test.FailedCaptureAsync(owner),
        ["topics/{id}"] = (_, owner) => owner.CreateAsync("topics", new { name = "Rivers" }),
        ["flashcards/{id}"] = (_, owner) => CardAsync(owner),
        ["auth/sessions/{id}"] = async (_, owner) => (await owner.Client.GetFromJsonAsync<JsonElement>("auth/sessions")).GetProperty("items")[0].GetProperty("id").GetGuid(),
        ["topicId"] = (_, owner) => owner.CreateAsync("topics", new { name = "Rivers" }),
        ["flashcardId"] = (_, owner) => CardAsync(owner),
    };

    /// <summary>A body that each operation accepts from the owner; ids of resources are added by the names above.</summary>
    private static readonly Dictionary<string, Func<Person, Dictionary<string, object?>>> Bodies = new(StringComparer.Ordinal)
    {
        ["POST captures"] = _ => new() { ["type"] = "TEXT", ["content"] = "A whole sentence to learn from." },
        ["PATCH captures/{id}"] = _ => new() { ["tags"] = new[] { "rivers" } },
        ["POST captures/{id}/retry"] = _ => [],
        ["POST topics"] = _ => new() { ["name"] = "Rivers" },
        ["PATCH topics/{id}"] = _ => new() { ["name"] = "Lakes" },
        ["POST topics/complete"] = _ => new() { ["topicId"] = null },
        ["POST flashcards"] = _ => new() { ["front"] = "Which river?", ["back"] = "The Danube", ["topicId"] = null },
        ["PUT flashcards/{id}"] = _ => new() { ["front"] = "Which river?", ["back"] = "The Rhine", ["topicId"] = null },
        ["PATCH flashcards/{id}"] = _ => new() { ["back"] = "The Rhine", ["topicId"] = null },
        ["POST flashcards/review"] = _ => new() { ["flashcardId"] = null, ["quality"] = 4 },
        ["PATCH auth/me"] = _ => new() { ["name"] = "Another name" },
        ["PUT notifications/preferences"] = _ => new() { ["kinds"] = new[] { new { kind = "REMINDER", enabled = true } } },
        ["POST auth/change-password"] = _ => new() { ["currentPassword"] = Password, ["newPassword"] = "eight bright herons fly off" },
        ["POST auth/logout"] = _ => [],
        ["DELETE auth/me"] = _ => new() { ["password"] = Password },
    };

    private static readonly IReadOnlyList<IOwnedResource> Resources =
        [.. typeof(OwnershipTests).Assembly.GetTypes().Where(type => type.IsClass && type.IsAssignableTo(typeof(IOwnedResource))).Select(type => (IOwnedResource)Activator.CreateInstance(type)!)];

    [Fact]
    public async Task Every_owner_operation_serves_its_owner_and_nobody_else()
    {
        var operations = await OwnerOperationsAsync();
        operations.Count.ShouldBeGreaterThan(25);
        var failures = new List<string>();
        using var owner = await RegisterAsync();
        using var stranger = await RegisterAsync();
        var topic = await OwnEverythingAsync(owner);
        foreach (var operation in operations)
        {
            try
            {
                // These end the session or the account, so each needs an owner of its own.
                using var own = operation.Path.StartsWith("auth/", StringComparison.Ordinal) && operation.Method != "GET" ? await RegisterAsync() : null;
                await CheckAsync(operation, own ?? owner, stranger, (owner.Mark, topic));
            }
            catch (Exception e) when (e is ShouldAssertException or KeyNotFoundException)
            {
                failures.Add($"{operation.Method} {operation.Path}: {e.Message.ReplaceLineEndings(" ")}");
            }
        }

        failures.ShouldBeEmpty();
    }

    private async Task CheckAsync(Operation operation, Person owner, Person stranger, (string Mark, Guid Topic) others)
    {
        using var anonymous = new Person(shared.App.Anonymous());
        var key = $"{operation.Method} {operation.Path}";
        var namesResource = operation.Path.Contains('{', StringComparison.Ordinal);
        var path = operation.Path;
        if (namesResource)
            path = path.Replace("{id}", (await Maker(operation.Path)(this, owner)).ToString(), StringComparison.Ordinal);
        path.ShouldNotContain("{", Case.Sensitive, "only {id} is filled in");

        var body = operation.HasBody ? Body(key)(owner) : null;
        foreach (var name in body?.Where(field => field.Value is null).Select(field => field.Key).ToList() ?? [])
        {
            body![name] = await Makers[name](this, owner);
            if (namesResource)
                await CannotBeJoinedWithOthersAsync(operation, path, owner, body, name, await Makers[name](this, stranger));
        }

        namesResource |= body?.Keys.Any(Makers.ContainsKey) == true;
        (await anonymous.SendAsync(operation.Method, path, body)).ShouldBe(HttpStatusCode.Unauthorized, "without a token");
        if (namesResource)
            (await stranger.SendAsync(operation.Method, path, body)).ShouldBe(HttpStatusCode.NotFound, "for a stranger");
        else if (operation.Method == "GET")
            await ShowsNothingOfOthersAsync(operation, stranger, others);
        ((int)await owner.SendAsync(operation.Method, path, body)).ShouldBeInRange(200, 299, "for the owner");
    }

    /// <summary>What is one's own takes no other person's thing in: their id answers as one that does not exist.</summary>
    private static async Task CannotBeJoinedWithOthersAsync(Operation operation, string path, Person owner, Dictionary<string, object?> body, string name, Guid others)
    {
        var known = await owner.SendAsync(operation.Method, path, new Dictionary<string, object?>(body) { [name] = others });
        ((int)known).ShouldBeInRange(400, 499, $"with a stranger's {name}");
        known.ShouldBe(await owner.SendAsync(operation.Method, path, new Dictionary<string, object?>(body) { [name] = Guid.NewGuid() }), $"with an unknown {name}");
    }

    /// <summary>One of everything, in which the owner's mark is seen.</summary>
    /// <returns>The topic.</returns>
    private static async Task<Guid> OwnEverythingAsync(Person owner)
    {
        var topic = await owner.CreateAsync("topics", new { name = $"Only mine {owner.Mark}" });
        await owner.CreateAsync("flashcards", new { front = $"Only mine {owner.Mark}?", back = "Yes", topicId = topic });
        await owner.CreateAsync("captures", new { type = "TEXT", content = $"Only mine is this sentence, {owner.Mark} {Guid.NewGuid()}." });
        foreach (var resource in Resources)
            await owner.CreateAsync(resource.Collection, resource.New(owner.Mark));
        return topic;
    }

    private static async Task ShowsNothingOfOthersAsync(Operation operation, Person stranger, (string Mark, Guid Topic) others)
    {
        using var response = await stranger.Client.GetAsync(operation.Path);
        ((int)response.StatusCode).ShouldBeInRange(200, 299, "for a stranger's own");
        (await response.Content.ReadAsStringAsync()).ShouldNotContain(others.Mark, Case.Insensitive);
        foreach (var name in operation.QueriedIds)
        {
            name.ShouldBe("topicId", "say here which of the owner's things this asks for");
            (await stranger.SendAsync("GET", $"{operation.Path}?{name}={others.Topic}", body: null)).ShouldBe(HttpStatusCode.NotFound, $"for a stranger with the owner's {name}");
        }
    }

    private static Func<OwnershipTests, Person, Task<Guid>> Maker(string path)
    {
        if (Makers.TryGetValue(path, out var maker))
            return maker;
        var resource = Resources.FirstOrDefault(r => path == $"{r.Collection}/{{id}}" || path.StartsWith($"{r.Collection}/{{id}}/", StringComparison.Ordinal))
            ?? throw new KeyNotFoundException("this route names a resource: say in Makers, or by an IOwnedResource, how to make one.");
        return (_, owner) => owner.CreateAsync(resource.Collection, resource.New(owner.Mark));
    }

    private static Func<Person, Dictionary<string, object?>> Body(string key)
    {
        if (Bodies.TryGetValue(key, out var body))
            return body;
        var resource = Resources.FirstOrDefault(r => key == $"POST {r.Collection}" || r.Bodies.ContainsKey(key))
            ?? throw new KeyNotFoundException("this operation takes a body: say in Bodies, or by an IOwnedResource, which one it accepts.");
        return owner => resource.Bodies.TryGetValue(key, out var other) ? new(other) : resource.New(owner.Mark);
    }

    private async Task<List<Operation>> OwnerOperationsAsync()
    {
        using var client = new HttpClient { BaseAddress = shared.App.Address };
        var description = await client.GetFromJsonAsync<JsonElement>("/openapi.json");
        return [.. from path in description.GetProperty("paths").EnumerateObject()
                   from operation in path.Value.EnumerateObject()
                   where operation.Value.TryGetProperty("x-ownership", out var ownership) && ownership.GetString() == "owner"
                   orderby path.Name, operation.Name
                   select new Operation(operation.Name.ToUpperInvariant(), path.Name.Replace("/api/v1/", "", StringComparison.Ordinal), operation.Value.TryGetProperty("requestBody", out _),
                       QueriedIds(operation.Value))];
    }

    private static List<string> QueriedIds(JsonElement operation) => !operation.TryGetProperty("parameters", out var parameters) ? [] :
        [.. from parameter in parameters.EnumerateArray()
            where parameter.GetProperty("in").GetString() == "query"
            let name = parameter.GetProperty("name").GetString()!
            where name.EndsWith("Id", StringComparison.Ordinal)
            select name];

    private static async Task<Guid> CardAsync(Person owner) => await owner.CreateAsync(
        "flashcards", new { front = "Which river?", back = "The Danube", topicId = await owner.CreateAsync("topics", new { name = "Rivers" }) });

    private async Task<Guid> FailedCaptureAsync(Person owner)
    {
        var id = await owner.CreateAsync("captures", new { type = "TEXT", content = $"1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13 … {Guid.NewGuid()}" });
        await Eventually.TrueAsync(
            async () => (await owner.Client.GetFromJsonAsync<JsonElement>($"captures/{id}")).GetProperty("status").GetString() == "FAILED", "there is nothing to learn in numbers");
        return id;
    }

    private async Task<Person> RegisterAsync()
    {
        using var anonymous = shared.App.Anonymous();
        using var response = await anonymous.PostAsJsonAsync("auth/register", new { email = $"{Guid.NewGuid():n}@example.org", password = Password, name = "Somebody" });
        var answer = await response.Content.ReadFromJsonAsync<JsonElement>();
        response.StatusCode.ShouldBe(HttpStatusCode.Created, answer.ToString());
        var client = shared.App.Anonymous();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", answer.GetProperty("token").GetString());
        return new Person(client);
    }

    private sealed record Operation(string Method, string Path, bool HasBody, IReadOnlyList<string> QueriedIds);

    private sealed class Person(HttpClient client) : IDisposable
    {
        public HttpClient Client { get; } = client;

        /// <summary>A word that only this person's things contain.</summary>
        public string Mark { get; } = Guid.NewGuid().ToString("n");

        public async Task<HttpStatusCode> SendAsync(string method, string path, object? body)
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = body is null ? null : JsonContent.Create(body) };
            using var response = await Client.SendAsync(request);
            return response.StatusCode;
        }

        public async Task<Guid> CreateAsync(string path, object body)
        {
            using var response = await Client.PostAsJsonAsync(path, body);
            var answer = await response.Content.ReadFromJsonAsync<JsonElement>();
            response.StatusCode.ShouldBe(HttpStatusCode.Created, answer.ToString());
            return answer.GetProperty("id").GetGuid();
        }

        public void Dispose() => Client.Dispose();
    }
}
