using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace Mneme.IntegrationTests.Platform.Http;

[Collection(nameof(SharedPlatform))]
public sealed class ProblemTests(SharedPlatform shared)
{
    public static TheoryData<string, string> BrokenBodies => new()
    {
        { "malformed", """{"name": "a", "quality": """ },
        { "not an object", "[1, 2]" },
        { "null", "null" },
        { "a number for text", """{"name": 7, "quality": 3}""" },
        { "text for a number", """{"name": "a", "quality": "3"}""" },
        { "a fraction", """{"name": "a", "quality": 1.5}""" },
        { "a number too large", """{"name": "a", "quality": 99999999999999999999}""" },
        { "an unknown word", """{"name": "a", "quality": 3, "kind": "NOTHING_SUCH"}""" },
        { "a number for a word", """{"name": "a", "quality": 3, "kind": 1}""" },
        { "depth 1000", """{"name": "a", "quality": 3, "tags": """ + new string('[', 1000) + new string(']', 1000) + "}" },
        { "depth 1000 in an unknown member", """{"unknown": """ + new string('[', 1000) + new string(']', 1000) + """, "name": "a", "quality": 3}""" },
        { "a lone surrogate", """{"name": "a\ud800b", "quality": 3}""" },
        { "a lone surrogate in a name", """{"na\ud800me": "a", "quality": 3}""" },
        { "U+0000", """{"name": "a\u0000b", "quality": 3}""" },
        { "a nested U+0000", """{"name": "a", "quality": 3, "note": {"text": "\u0000"}}""" },
        { "duplicate keys", """{"name": "a", "name": "b", "quality": 3}""" },
        { "a missing member", """{"name": "a"}""" },
        { "null for text", """{"name": null, "quality": 3}""" },
        { "text too long", $$"""{"name": "{{new string('x', 51)}}", "quality": 3}""" },
        { "too many items", """{"name": "a", "quality": 3, "tags": ["a", "b", "c", "d"]}""" },
        { "an item too long", """{"name": "a", "quality": 3, "tags": ["12345678901"]}""" },
        { "a nested text too long", """{"name": "a", "quality": 3, "note": {"text": "123456789012345678901"}}""" },
        { "trailing text", """{"name": "a", "quality": 3} x""" },
        { "nothing", "" },
    };

    [Theory]
    [MemberData(nameof(BrokenBodies))]
    public async Task A_broken_body_answers_400_and_tells_nothing_internal(string what, string body)
    {
        using var client = shared.Host.ClientOf(Guid.NewGuid());
        using var response = await client.PostAsync("/api/v1/probes", new StringContent(body, Encoding.UTF8, "application/json"));
        var problem = await ProblemOf(response, HttpStatusCode.BadRequest);
        (problem.TryGetProperty("errors", out _) || problem.GetProperty("code").GetString() == "bad-request").ShouldBeTrue(what);
    }

    [Fact]
    public async Task Text_that_is_not_UTF8_answers_400()
    {
        using var client = shared.Host.ClientOf(Guid.NewGuid());
        var content = new ByteArrayContent([.. "{\"name\": \""u8, 0xC3, 0x28, .. "\", \"quality\": 3}"u8]);
        content.Headers.ContentType = new("application/json");
        using var response = await client.PostAsync("/api/v1/probes", content);
        await ProblemOf(response, HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task Missing_members_are_named()
    {
        using var client = shared.Host.ClientOf(Guid.NewGuid());
        using var response = await client.PostAsJsonAsync("/api/v1/probes", new { });
        var errors = (await ProblemOf(response, HttpStatusCode.BadRequest)).GetProperty("errors");
        errors.GetProperty("name")[0].GetString().ShouldBe("is required.");
        errors.GetProperty("quality")[0].GetString().ShouldBe("is required.");
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/xml")]
    [InlineData("application/x-www-form-urlencoded")]
    public async Task Another_type_of_content_answers_415(string type)
    {
        using var client = shared.Host.ClientOf(Guid.NewGuid());
        using var response = await client.PostAsync("/api/v1/probes", new StringContent("""{"name": "a", "quality": 3}""", Encoding.UTF8, type));
        (await ProblemOf(response, HttpStatusCode.UnsupportedMediaType)).GetProperty("code").GetString().ShouldBe("unsupported-media-type");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_huge_body_answers_413(bool isLengthKnown)
    {
        using var client = shared.Host.ClientOf(Guid.NewGuid());
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/probes")
        {
            Content = new StringContent($$"""{"name": "{{new string('x', 2_000_000)}}", "quality": 3}""", Encoding.UTF8, "application/json"),
        };
        request.Headers.TransferEncodingChunked = !isLengthKnown;
        request.Headers.ExpectContinue = true;
        using var response = await client.SendAsync(request);
        (await ProblemOf(response, HttpStatusCode.RequestEntityTooLarge)).GetProperty("code").GetString().ShouldBe("body-too-large");
    }

    [Theory]
    [InlineData("/api/v1/probes?limit=0")]
    [InlineData("/api/v1/probes?limit=101")]
    [InlineData("/api/v1/probes?limit=ten")]
    [InlineData("/api/v1/probes?limit=5&limit=6")]
    [InlineData("/api/v1/probes?cursor=%24%24%24")]
    [InlineData("/api/v1/probes?kind=NOTHING_SUCH")]
    [InlineData("/api/v1/probes?kind=%00")]
    [InlineData("/api/v1/fail/none?number=x")]
    public async Task Broken_values_in_the_query_answer_400(string path)
    {
        using var client = shared.Host.ClientOf(Guid.NewGuid());
        await ProblemOf(await client.GetAsync(path), HttpStatusCode.BadRequest);
    }

    [Theory]
    [InlineData("GET", "/there/is/nothing", HttpStatusCode.NotFound)]
    [InlineData("GET", "/api/v1/probes/not-an-id/trace", HttpStatusCode.NotFound)]
    [InlineData("PUT", "/api/v1/probes", HttpStatusCode.MethodNotAllowed)]
    [InlineData("GET", "/api/v1/admin/probes", HttpStatusCode.Forbidden)]
    [InlineData("GET", "/api/v1/fail/bug", HttpStatusCode.InternalServerError)]
    [InlineData("GET", "/api/v1/fail/sql", HttpStatusCode.InternalServerError)]
    [InlineData("GET", "/api/v1/fail/nul", HttpStatusCode.BadRequest)]
    [InlineData("GET", "/api/v1/fail/timeout", HttpStatusCode.ServiceUnavailable)]
    [InlineData("GET", "/api/v1/fail/idle", HttpStatusCode.ServiceUnavailable)]
    [InlineData("GET", "/api/v1/fail/deadlock", HttpStatusCode.ServiceUnavailable)]
    [InlineData("GET", "/api/v1/slow", HttpStatusCode.ServiceUnavailable)]
    public async Task Every_failure_is_problem_details(string method, string path, HttpStatusCode status)
    {
        using var client = shared.Host.ClientOf(Guid.NewGuid());
        using var response = await client.SendAsync(new HttpRequestMessage(new HttpMethod(method), path));
        await ProblemOf(response, status);
        response.Headers.ETag.ShouldBeNull();
        response.Headers.CacheControl!.NoStore.ShouldBeTrue();
        if (status == HttpStatusCode.ServiceUnavailable)
            response.Headers.RetryAfter.ShouldNotBeNull();
        if (status == HttpStatusCode.MethodNotAllowed)
            response.Content.Headers.Allow.ShouldBe(["GET", "POST"], ignoreOrder: true);
    }

    [Fact]
    public async Task Without_a_token_an_operation_answers_401_and_with_a_forged_one_as_well()
    {
        using var client = shared.Host.Anonymous();
        (await ProblemOf(await client.GetAsync("/api/v1/probes"), HttpStatusCode.Unauthorized)).GetProperty("code").GetString().ShouldBe("no-token");
        client.DefaultRequestHeaders.Authorization = new("Bearer", "eyJhbGciOiJub25lIn0.e30.");
        (await ProblemOf(await client.GetAsync("/api/v1/probes"), HttpStatusCode.Unauthorized)).GetProperty("code").GetString().ShouldBe("invalid-token");
        (await client.GetAsync("/api/v1/fail/none")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    internal static async Task<JsonElement> ProblemOf(HttpResponseMessage response, HttpStatusCode status, bool isTraced = true)
    {
        var text = await response.Content.ReadAsStringAsync();
        response.StatusCode.ShouldBe(status, text);
        response.Content.Headers.ContentType?.MediaType.ShouldBe("application/problem+json");
        foreach (var secret in new[] { "System.", "Mneme.", "Microsoft", "Npgsql", "Request'", "   at ", "/etc", "select", "there_is_no_such_table", "Exception", "BytePosition" })
            text.ShouldNotContain(secret, Case.Sensitive);
        var problem = JsonDocument.Parse(text).RootElement;
        problem.GetProperty("status").GetInt32().ShouldBe((int)status);
        problem.GetProperty("title").GetString().ShouldNotBeNullOrEmpty();
        problem.GetProperty("detail").GetString().ShouldNotBeNullOrEmpty();
        problem.GetProperty("type").GetString().ShouldEndWith("/" + problem.GetProperty("code").GetString());
        problem.GetProperty("traceId").GetString()!.ShouldMatch(isTraced ? "^[0-9a-f]{32}$" : ".");
        return problem;
    }
}
