using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Mneme.IntegrationTests.Platform.Probe;
using Mneme.IntegrationTests.Support;

namespace Mneme.IntegrationTests.Platform;

public sealed class OperationTests(SharedApplication shared)
{
    [Fact]
    public async Task A_repeated_idempotency_key_replays_the_first_answer_and_belongs_to_its_user()
    {
        await using var probe = await ProbeApplication.StartAsync(shared);
        var user = Guid.NewGuid();
        using var client = probe.App.ClientOf(user);
        client.DefaultRequestHeaders.Add("Idempotency-Key", "key-1");

        using var first = await client.PostAsJsonAsync("probe/things", new { name = "one" });
        using var again = await client.PostAsJsonAsync("probe/things", new { name = "one" });
        using var different = await client.PostAsJsonAsync("probe/things", new { name = "two" });

        again.StatusCode.ShouldBe(HttpStatusCode.Created);
        again.Headers.Location.ShouldBe(first.Headers.Location);
        (await again.Content.ReadAsStringAsync()).ShouldBe(await first.Content.ReadAsStringAsync());
        again.Headers.GetValues("Idempotent-Replayed").ShouldBe(["true"]);
        different.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await probe.CountAsync("things")).ShouldBe(1);

        using var other = probe.App.ClientOf(Guid.NewGuid());
        other.DefaultRequestHeaders.Add("Idempotency-Key", "key-1");
        (await other.PostAsJsonAsync("probe/things", new { name = "mine" })).StatusCode.ShouldBe(HttpStatusCode.Created);
        (await probe.CountAsync("things")).ShouldBe(2);
    }

    [Fact]
    public async Task A_different_body_is_told_apart_also_where_the_request_has_no_limits()
    {
        await using var probe = await ProbeApplication.StartAsync(shared);
        using var client = probe.App.ClientOf(Guid.NewGuid());
        client.DefaultRequestHeaders.Add("Idempotency-Key", "key-1");
        var id = Guid.NewGuid();

        (await client.PostAsJsonAsync("probe/echo", new { id })).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await client.PostAsJsonAsync("probe/echo", new { id })).Headers.GetValues("Idempotent-Replayed").ShouldBe(["true"]);
        (await client.PostAsJsonAsync("probe/echo", new { id = Guid.NewGuid() })).StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
    }

    [Fact]
    public async Task A_failed_request_does_not_use_up_its_key()
    {
        await using var probe = await ProbeApplication.StartAsync(shared);
        using var client = probe.App.ClientOf(Guid.NewGuid());
        client.DefaultRequestHeaders.Add("Idempotency-Key", "key-1");
        probe.Control.Failing["flaky"] = true;

        (await client.PostAsJsonAsync("probe/things", new { name = "flaky" })).StatusCode.ShouldBe(HttpStatusCode.InternalServerError);
        probe.Control.Failing.Clear();
        (await client.PostAsJsonAsync("probe/things", new { name = "flaky" })).StatusCode.ShouldBe(HttpStatusCode.Created);
    }

    [Fact]
    public async Task Of_parallel_requests_with_one_key_one_works_and_the_others_are_told_to_wait_or_get_its_answer()
    {
        await using var probe = await ProbeApplication.StartAsync(shared);
        for (var round = 1; round <= 20; round++)
        {
            using var client = probe.App.ClientOf(Guid.NewGuid());
            client.DefaultRequestHeaders.Add("Idempotency-Key", "key-1");

            var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => client.PostAsJsonAsync("probe/things", new { name = "one" })));

            foreach (var refused in answers.Where(a => a.StatusCode != HttpStatusCode.Created))
            {
                refused.StatusCode.ShouldBe(HttpStatusCode.Conflict);
                (await refused.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("code").GetString().ShouldBe("idempotency-key-in-use");
            }

            (await probe.CountAsync("things")).ShouldBe(round);
        }
    }

    [Fact]
    public async Task An_update_with_an_outdated_entity_tag_is_refused_and_a_read_with_a_current_one_is_short()
    {
        await using var probe = await ProbeApplication.StartAsync(shared);
        using var client = probe.App.ClientOf(Guid.NewGuid());
        using var created = await client.PostAsJsonAsync("probe/things", new { name = "one" });
        var address = created.Headers.Location.ShouldNotBeNull();
        created.Headers.ETag!.Tag.ShouldBe("\"1\"");

        using var renamed = await PutAsync(client, address, "two", "\"1\"");
        renamed.StatusCode.ShouldBe(HttpStatusCode.OK);
        renamed.Headers.ETag!.Tag.ShouldBe("\"2\"");
        (await PutAsync(client, address, "three", "\"1\"")).StatusCode.ShouldBe(HttpStatusCode.PreconditionFailed);
        using var read = new HttpRequestMessage(HttpMethod.Get, address) { Headers = { { "If-None-Match", "\"2\"" } } };
        (await client.SendAsync(read)).StatusCode.ShouldBe(HttpStatusCode.NotModified);
    }

    [Fact]
    public async Task Parallel_updates_without_a_precondition_never_overwrite_each_other_silently()
    {
        await using var probe = await ProbeApplication.StartAsync(shared);
        using var client = probe.App.ClientOf(Guid.NewGuid());
        using var created = await client.PostAsJsonAsync("probe/things", new { name = "one" });

        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(i => PutAsync(client, created.Headers.Location!, $"name {i}", null)));

        var done = answers.Count(a => a.StatusCode == HttpStatusCode.OK);
        answers.ShouldAllBe(a => a.StatusCode == HttpStatusCode.OK || a.StatusCode == HttpStatusCode.PreconditionFailed);
        (await client.GetFromJsonAsync<JsonElement>(created.Headers.Location!)).GetProperty("version").GetInt64().ShouldBe(done + 1);
    }

    [Fact]
    public async Task Invalid_fields_are_named_as_in_the_request()
    {
        await using var probe = await ProbeApplication.StartAsync(shared);
        using var client = probe.App.ClientOf(Guid.NewGuid());

        using var answer = await client.PostAsJsonAsync("probe/things", new { name = new string('x', 51) });

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
        var problem = await answer.Content.ReadFromJsonAsync<JsonElement>();
        problem.GetProperty("errors").GetProperty("name").GetArrayLength().ShouldBe(1);
        problem.GetProperty("traceId").GetString().ShouldNotBeNullOrEmpty();
    }

    private static async Task<HttpResponseMessage> PutAsync(HttpClient client, Uri address, string name, string? ifMatch)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, address) { Content = JsonContent.Create(new { name }) };
        if (ifMatch is not null)
            request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        return await client.SendAsync(request);
    }
}
