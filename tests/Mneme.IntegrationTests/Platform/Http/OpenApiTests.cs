using System.Net;
using System.Text.Json;
using Mneme.IntegrationTests.Support;

namespace Mneme.IntegrationTests.Platform.Http;

[Collection(nameof(SharedPlatform))]
public sealed class OpenApiTests(SharedPlatform platform, SharedApplication shared)
{
    private static readonly string[] Methods = ["get", "put", "post", "delete", "patch"];

    [Theory]
    [InlineData("/openapi.json")]
    [InlineData("/openapi/mneme.json")]
    [InlineData("/openapi/probe.json")]
    [InlineData("/openapi/platform.json")]
    public async Task Every_document_is_sound(string path) => AssertSound(await DocumentAsync(platform.Host.Address, path));

    [Fact]
    public async Task The_description_of_all_services_is_sound() => AssertSound(await DocumentAsync(shared.App.Address, "/openapi.json"));

    [Fact]
    public async Task The_merged_document_holds_what_the_documents_of_the_services_hold()
    {
        using var client = shared.App.Anonymous();
        var merged = await DocumentAsync(shared.App.Address, "/openapi.json");
        var all = Operations(merged).Select(o => o.Id).Order().ToList();
        var parts = new List<string>();
        foreach (var tag in Operations(merged).Select(o => o.Operation.GetProperty("tags")[0].GetString()!).Distinct())
        {
            var document = await DocumentAsync(shared.App.Address, $"/openapi/{tag}.json");
            parts.AddRange(Operations(document).Select(o => o.Id));
            foreach (var schema in document.GetProperty("components").GetProperty("schemas").EnumerateObject())
                merged.GetProperty("components").GetProperty("schemas").GetProperty(schema.Name).GetRawText().ShouldBe(schema.Value.GetRawText(), $"{schema.Name} of {tag}");
        }

        parts.Order().ShouldBe(all);
    }

    [Fact]
    public async Task An_operation_is_described_with_everything_around_it()
    {
        var document = await DocumentAsync(platform.Host.Address, "/openapi/probe.json");
        var create = Find(document, "EchoProbe");
        create.GetProperty("x-ownership").GetString().ShouldBe("owner");
        create.GetProperty("summary").GetString().ShouldBe("Says what it was told");
        create.GetProperty("security")[0].TryGetProperty("bearer", out _).ShouldBeTrue();
        Parameters(create).ShouldBe(["header Idempotency-Key"]);
        Responses(create).ShouldBe(["201", "400", "401", "409", "413", "415", "422", "429", "503"], ignoreOrder: true);
        var created = create.GetProperty("responses").GetProperty("201");
        created.GetProperty("headers").EnumerateObject().Select(h => h.Name).ShouldBe(["ETag", "Location", "RateLimit", "RateLimit-Policy"], ignoreOrder: true);
        created.GetProperty("content").GetProperty("application/json").GetProperty("schema").GetProperty("$ref").GetString().ShouldBe("#/components/schemas/ProbeResponse");

        var list = Find(document, "ListProbes");
        Parameters(list).ShouldBe(["query kind", "query limit", "query cursor"], ignoreOrder: true);
        list.GetProperty("parameters").EnumerateArray().Single(p => p.GetProperty("name").GetString() == "limit").GetProperty("schema").GetProperty("maximum").GetInt32().ShouldBe(100);
        list.GetProperty("responses").GetProperty("200").GetProperty("content").GetProperty("application/json").GetProperty("schema").GetProperty("$ref").GetString()
            .ShouldBe("#/components/schemas/PageOfProbeResponse");

        var update = Find(document, "UpdateProbe");
        Parameters(update).ShouldBe(["path id", "header If-Match"], ignoreOrder: true);
        Responses(update).ShouldContain("412");
        update.GetProperty("parameters").EnumerateArray().Single(p => p.GetProperty("name").GetString() == "id").GetProperty("schema").GetProperty("format").GetString().ShouldBe("uuid");

        Responses(Find(document, "UpdateProbeDelete")).ShouldContain("204");
        var trace = Find(document, "TraceProbe");
        trace.GetProperty("x-ownership").GetString().ShouldBe("public");
        trace.TryGetProperty("security", out _).ShouldBeFalse();
        Find(document, "AdministerProbes").GetProperty("x-ownership").GetString().ShouldBe("admin");

        // Where nothing is kept under an Idempotency-Key, the description must not promise it.
        Parameters(Find(await DocumentAsync(platform.Host.Address, "/openapi/platform.json"), "RedriveDeadLetter")).ShouldNotContain("header Idempotency-Key");
        Find(await DocumentAsync(shared.App.Address, "/openapi/identity.json"), "ChangePassword").GetRawText().ShouldNotContain("Idempotency-Key");
    }

    [Fact]
    public async Task Limits_of_a_request_stand_in_its_schema()
    {
        var schemas = (await DocumentAsync(platform.Host.Address, "/openapi/probe.json")).GetProperty("components").GetProperty("schemas");
        var request = schemas.GetProperty("EchoRequest");
        var name = request.GetProperty("properties").GetProperty("name");
        name.GetProperty("type").GetString().ShouldBe("string");
        name.GetProperty("minLength").GetInt32().ShouldBe(1);
        name.GetProperty("maxLength").GetInt32().ShouldBe(50);
        var quality = request.GetProperty("properties").GetProperty("quality");
        quality.GetProperty("type").GetString().ShouldBe("integer");
        quality.GetProperty("minimum").GetInt32().ShouldBe(0);
        quality.GetProperty("maximum").GetInt32().ShouldBe(5);
        var tags = request.GetProperty("properties").GetProperty("tags");
        tags.GetProperty("maxItems").GetInt32().ShouldBe(3);
        tags.GetProperty("items").GetProperty("maxLength").GetInt32().ShouldBe(10);
        request.GetProperty("required").EnumerateArray().Select(e => e.GetString()).ShouldBe(["name", "quality"], ignoreOrder: true);
        tags.GetProperty("type").EnumerateArray().Select(e => e.GetString()).ShouldBe(["null", "array"], ignoreOrder: true);
        schemas.GetProperty("PageOfProbeResponse").GetProperty("properties").GetProperty("nextCursor").GetProperty("type").EnumerateArray().Select(e => e.GetString())
            .ShouldBe(["null", "string"], ignoreOrder: true);
        schemas.GetProperty("ProbeKind").GetProperty("type").GetString().ShouldBe("string");
        schemas.GetProperty("ProbeKind").GetProperty("enum").EnumerateArray().Select(e => e.GetString()).ShouldBe(["PLAIN_TEXT", "WEB_PAGE"]);
        schemas.GetProperty("UpdateProbeRequest").GetProperty("properties").GetProperty("email").GetProperty("format").GetString().ShouldBe("email");
        schemas.GetProperty("ProbeResponse").GetProperty("properties").GetProperty("createdAt").GetProperty("format").GetString().ShouldBe("date-time");
    }

    [Fact]
    public async Task A_document_is_served_from_memory_with_an_ETag()
    {
        using var client = platform.Host.Anonymous();
        using var first = await client.GetAsync("/openapi.json");
        var again = new HttpRequestMessage(HttpMethod.Get, "/openapi.json");
        again.Headers.IfNoneMatch.Add(first.Headers.ETag!);
        (await client.SendAsync(again)).StatusCode.ShouldBe(HttpStatusCode.NotModified);
        await ProblemTests.ProblemOf(await client.GetAsync("/openapi/nothing-such.json"), HttpStatusCode.NotFound);
    }

    private static async Task<JsonElement> DocumentAsync(Uri address, string path)
    {
        using var client = new HttpClient { BaseAddress = address };
        using var response = await client.GetAsync(path);
        var text = await response.Content.ReadAsStringAsync();
        response.StatusCode.ShouldBe(HttpStatusCode.OK, text);
        response.Content.Headers.ContentType!.MediaType.ShouldBe("application/json");
        return JsonDocument.Parse(text).RootElement;
    }

    /// <summary>The rules of OpenAPI 3.1 that a generator can break, and those of this API.</summary>
    private static void AssertSound(JsonElement document)
    {
        document.GetProperty("openapi").GetString()!.ShouldStartWith("3.1.");
        document.GetProperty("info").GetProperty("title").GetString().ShouldNotBeNullOrEmpty();
        document.GetProperty("info").GetProperty("version").GetString().ShouldNotBeNullOrEmpty();
        var operations = Operations(document).ToList();
        operations.ShouldNotBeEmpty();
        operations.Select(o => o.Id).ShouldBeUnique();
        foreach (var (path, method, id, operation) in operations)
        {
            var what = $"{method} {path}";
            id.ShouldMatch("^[A-Z][A-Za-z0-9]+$", what);
            operation.GetProperty("x-ownership").GetString().ShouldBeOneOf("owner", "public", "admin", "none");
            operation.GetProperty("tags").GetArrayLength().ShouldBe(1, what);
            operation.GetProperty("responses").EnumerateObject().ShouldContain(r => r.Name.StartsWith('2'), what);
            foreach (var response in operation.GetProperty("responses").EnumerateObject().Where(r => !r.Value.TryGetProperty("$ref", out _)))
                response.Value.GetProperty("description").GetString().ShouldNotBeNull(what);
            var inPath = System.Text.RegularExpressions.Regex.Matches(path, @"\{(\w+)\}").Select(m => m.Groups[1].Value).ToList();
            var parameters = operation.TryGetProperty("parameters", out var all) ? all.EnumerateArray().ToList() : [];
            parameters.Where(p => p.GetProperty("in").GetString() == "path").Select(p => p.GetProperty("name").GetString()!).Order().ShouldBe(inPath.Order(), what);
            parameters.Select(p => $"{p.GetProperty("in")} {p.GetProperty("name")}").ShouldBeUnique(what);
            parameters.ShouldAllBe(p => p.GetProperty("in").GetString() != "path" || p.GetProperty("required").GetBoolean());
            if (operation.TryGetProperty("requestBody", out var body))
                body.GetProperty("content").EnumerateObject().ShouldNotBeEmpty(what);
        }

        foreach (var reference in References(document).Distinct())
            Resolve(document, reference).ShouldBeTrue($"{reference} is not there");
        foreach (var schema in document.GetProperty("components").GetProperty("schemas").EnumerateObject())
        {
            schema.Name.ShouldMatch("^[A-Za-z0-9._-]+$");
            AssertSchema(schema.Value, schema.Name);
        }
    }

    private static void AssertSchema(JsonElement schema, string where)
    {
        if (schema.ValueKind != JsonValueKind.Object || schema.TryGetProperty("$ref", out _))
            return;
        if (schema.TryGetProperty("type", out var type))
        {
            foreach (var name in type.ValueKind == JsonValueKind.Array ? type.EnumerateArray().ToList() : [type])
                name.GetString().ShouldBeOneOf("null", "boolean", "object", "array", "number", "string", "integer");
        }

        if (!schema.TryGetProperty("properties", out var properties))
            return;
        var names = properties.EnumerateObject().Select(p => p.Name).ToHashSet(StringComparer.Ordinal);
        names.ShouldAllBe(name => char.IsLower(name[0]), where);
        if (schema.TryGetProperty("required", out var required))
            required.EnumerateArray().ShouldAllBe(r => names.Contains(r.GetString()!), where);
        foreach (var property in properties.EnumerateObject())
            AssertSchema(property.Value, $"{where}.{property.Name}");
    }

    private static IEnumerable<(string Path, string Method, string Id, JsonElement Operation)> Operations(JsonElement document) =>
        from path in document.GetProperty("paths").EnumerateObject()
        from method in path.Value.EnumerateObject()
        where Methods.Contains(method.Name, StringComparer.Ordinal)
        select (path.Name, method.Name, method.Value.TryGetProperty("operationId", out var id) ? id.GetString()! : $"none: {method.Name} {path.Name}", method.Value);

    private static JsonElement Find(JsonElement document, string id) => Operations(document).Single(o => o.Id == id).Operation;

    private static IEnumerable<string> Parameters(JsonElement operation) =>
        operation.GetProperty("parameters").EnumerateArray().Select(p => $"{p.GetProperty("in").GetString()} {p.GetProperty("name").GetString()}");

    private static IEnumerable<string> Responses(JsonElement operation) => operation.GetProperty("responses").EnumerateObject().Select(r => r.Name);

    private static IEnumerable<string> References(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().SelectMany(p => p.Name == "$ref" ? [p.Value.GetString()!] : References(p.Value)),
        JsonValueKind.Array => element.EnumerateArray().SelectMany(References),
        _ => [],
    };

    private static bool Resolve(JsonElement document, string reference)
    {
        reference.ShouldStartWith("#/");
        foreach (var part in reference[2..].Split('/'))
        {
            if (!document.TryGetProperty(part.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal), out document))
                return false;
        }

        return true;
    }
}
