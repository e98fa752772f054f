using System.Net;
using System.Text.Json.Nodes;
using Mneme.Contracts.Capture;
using static Mneme.IntegrationTests.Capture.CaptureApi;

namespace Mneme.IntegrationTests.Capture;

[Collection(CaptureTests.Name)]
public sealed class CreateCaptureTests(CaptureApplication capture)
{
    [Fact]
    public async Task A_text_is_captured_and_published_with_all_that_was_given()
    {
        using var person = capture.NewPerson();
        using var response = await person.PostAsync(
            ("content", "  Der Mond ist der einzige natürliche Satellit der Erde.\r\nEr umkreist sie in 27 Tagen.  "), ("title", "Der  Mond"),
            ("source", "https://example.org/mond"), ("language", "DE-at"), ("tags", new[] { " Astronomie ", "Mond", "mond" }), ("metadata", new { page = 12, note = "ß" }));
        response.StatusCode.ShouldBe(HttpStatusCode.Created);
        var made = await JsonAsync(response);
        var id = IdOf(made);
        response.Headers.Location!.ToString().ShouldBe($"/api/v1/captures/{id}");
        response.Headers.ETag!.Tag.ShouldBe("\"1\"");
        made["userId"]!.GetValue<Guid>().ShouldBe(person.UserId);
        made["type"]!.GetValue<string>().ShouldBe("TEXT");
        made["status"]!.GetValue<string>().ShouldBe("PENDING");
        made["content"]!.GetValue<string>().ShouldBe("Der Mond ist der einzige natürliche Satellit der Erde.\nEr umkreist sie in 27 Tagen.");
        made["title"]!.GetValue<string>().ShouldBe("Der Mond");
        made["language"]!.GetValue<string>().ShouldBe("de-AT");
        made["tags"]!.AsArray().Select(t => t!.GetValue<string>()).ShouldBe(["Astronomie", "Mond"]);
        made["metadata"]!["page"]!.GetValue<int>().ShouldBe(12);
        made["createdAt"]!.GetValue<DateTimeOffset>().ShouldBe(capture.App.Clock.GetUtcNow(), TimeSpan.FromMinutes(1));
        var read = await person.GetAsync(id);
        WithoutTimes(read).ShouldBe(WithoutTimes(made));

        var captured = (await capture.PublishedAsync<ContentCaptured>(id, 1)).ShouldHaveSingleItem();
        captured.UserId.ShouldBe(person.UserId);
        captured.Text.ShouldBe(made["content"]!.GetValue<string>());
        captured.Title.ShouldBe("Der Mond");
        captured.Language.ShouldBe("de-AT");
        captured.Source.ShouldBe("https://example.org/mond");
        captured.Tags.ShouldBe(["Astronomie", "Mond"]);
        captured.Type.ShouldBe("TEXT");
        (captured.Attempt, captured.Version).ShouldBe((1, 1L));
    }

    [Fact]
    public async Task The_same_content_again_answers_with_the_capture_that_is_there_unless_forced()
    {
        using var person = capture.NewPerson();
        const string Text = "Water boils at 100 °C at sea level; caf\u00e9 is French.";
        var first = IdOf(await person.CreateAsync(("content", Text)));
        using var again = await person.PostAsync(("content", "  Water  boils at\n100 °C at sea level; cafe\u0301 is French. "), ("title", "Another"));
        again.StatusCode.ShouldBe(HttpStatusCode.OK);
        var same = await JsonAsync(again);
        IdOf(same).ShouldBe(first);
        same["title"].ShouldBeNull();

        var forced = IdOf(await person.CreateAsync(("content", Text), ("force", true)));
        forced.ShouldNotBe(first);
        (await person.ListAsync()).ShouldBe([forced, first]);

        using var stranger = capture.NewPerson();
        IdOf(await stranger.CreateAsync(("content", Text))).ShouldNotBe(first);

        (await person.StatusAsync(HttpMethod.Delete, $"captures/{first}")).ShouldBe(HttpStatusCode.NoContent);
        using var third = await person.PostAsync(("content", Text));
        third.StatusCode.ShouldBe(HttpStatusCode.OK);
        IdOf(await JsonAsync(third)).ShouldBe(forced);
    }

    [Fact]
    public async Task Of_twenty_parallel_identical_posts_exactly_one_creates()
    {
        using var person = capture.NewPerson();
        var content = $"Iron rusts because it oxidises. {Guid.NewGuid()}";
        var responses = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => person.PostAsync(("content", content))));
        responses.Count(r => r.StatusCode == HttpStatusCode.Created).ShouldBe(1);
        responses.Count(r => r.StatusCode == HttpStatusCode.OK).ShouldBe(19);
        var ids = new HashSet<Guid>();
        foreach (var response in responses)
        {
            ids.Add(IdOf(await JsonAsync(response)));
            response.Dispose();
        }

        (await person.ListAsync()).ShouldBe(ids);
        (await capture.PublishedAsync<ContentCaptured>(ids.Single(), 1)).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Ten_parallel_forced_posts_create_ten()
    {
        using var person = capture.NewPerson();
        var responses = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => person.PostAsync(("content", "Copper conducts electricity."), ("force", true))));
        responses.Select(r => r.StatusCode).ShouldAllBe(status => status == HttpStatusCode.Created);
        foreach (var response in responses)
            response.Dispose();
        (await person.ListAsync()).Count.ShouldBe(10);
    }

    public static TheoryData<string, object?, string> Invalid => new()
    {
        { "content", "", "content" },
        { "content", " \n\t\u200a ", "content" },
        { "content", "\u0001\ufeff\u0002", "content" },
        { "content", null, "content" },
        { "content", new string('x', 200_001), "content" },
        { "content", 5, "content" },
        { "type", "BOOK", "type" },
        { "type", 1, "type" },
        { "title", new string('x', 301), "title" },
        { "source", new string('x', 2001), "source" },
        { "language", "deutsch-", "language" },
        { "language", "x", "language" },
        { "tags", Enumerable.Range(0, 21).Select(i => $"t{i}").ToArray(), "tags" },
        { "tags", new[] { "" }, "tags" },
        { "tags", new[] { "   " }, "tags" },
        { "tags", new[] { new string('x', 51) }, "tags" },
        { "metadata", new { text = new string('x', 4100) }, "metadata" },
        { "metadata", new { text = "\0" }, "metadata" },
        { "metadata", new[] { 1 }, "metadata" },
    };

    [Theory]
    [MemberData(nameof(Invalid), DisableDiscoveryEnumeration = true)]
    public async Task Bad_input_is_refused_by_the_name_of_the_field_and_changes_nothing(string field, object? value, string named)
    {
        using var person = capture.NewPerson();
        using var response = await person.PostAsync((field, value));
        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await JsonAsync(response))["errors"]!.AsObject().Select(e => e.Key.Split('[')[0]).ShouldContain(named);
        (await person.ListAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task Limits_are_inclusive()
    {
        using var person = capture.NewPerson();
        var made = await person.CreateAsync(
            ("content", new string('x', 200_000)), ("title", new string('t', 300)), ("source", new string('s', 2000)),
            ("tags", Enumerable.Range(0, 20).Select(i => new string('t', 48) + $"{i:00}").ToArray()), ("metadata", new { text = new string('x', 4085) }));
        made["content"]!.GetValue<string>().Length.ShouldBe(200_000);
        made["tags"]!.AsArray().Count.ShouldBe(20);
    }

    [Theory]
    [InlineData("SCREENSHOT")]
    [InlineData("VIDEO")]
    [InlineData("AUDIO")]
    public async Task A_type_that_is_not_understood_yet_is_refused_with_what_to_do(string type)
    {
        using var person = capture.NewPerson();
        using var response = await person.PostAsync(("type", type));
        response.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        var problem = await JsonAsync(response);
        problem["code"]!.GetValue<string>().ShouldBe("capture-type-unsupported");
        problem["detail"]!.GetValue<string>().ShouldContain("TEXT");
        (await person.ListAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task Storage_is_limited_and_deleting_makes_room()
    {
        using var person = capture.NewPerson();
        var parallel = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => person.PostAsync(("content", new string((char)('a' + i), 190_000)))));
        parallel.Count(r => r.StatusCode == HttpStatusCode.Created).ShouldBe(CaptureApplication.MaxBytesPerUser / 191_024);
        var refused = parallel.First(r => r.StatusCode != HttpStatusCode.Created);
        refused.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await JsonAsync(refused))["code"]!.GetValue<string>().ShouldBe("storage-full");
        var one = IdOf(await JsonAsync(parallel.First(r => r.StatusCode == HttpStatusCode.Created)));
        foreach (var response in parallel)
            response.Dispose();

        (await person.StatusAsync(HttpMethod.Delete, $"captures/{one}")).ShouldBe(HttpStatusCode.NoContent);
        await person.CreateAsync(("content", new string('z', 190_000)));
    }

    [Fact]
    public async Task Texts_of_every_script_and_of_many_words_are_stored()
    {
        using var person = capture.NewPerson();
        // Each of these fills a tsvector quickly: many distinct short words, of three and four bytes a character, joined by hyphens.
        await person.CreateAsync(("content", string.Concat(Enumerable.Range(0x4e00, 20_000).Select(c => $"{(char)c}-{(char)(c + 1)}{(char)c} "))));
        await person.CreateAsync(("content", string.Concat(Enumerable.Range(0, 40_000).Select(i => char.ConvertFromUtf32(0x20000 + i) + "-"))));
        await person.CreateAsync(("content", string.Concat(Enumerable.Range(0, 49_000).Select(i => $"{(char)('a' + i % 26)}{(char)('a' + i / 26 % 26)}{(char)('a' + i / 676 % 26)} "))), ("language", "en"));
        (await person.ListAsync()).Count.ShouldBe(3);
    }

    private static string WithoutTimes(JsonNode capture)
    {
        // PostgreSQL keeps microseconds.
        var copy = capture.DeepClone().AsObject();
        copy.Remove("createdAt");
        copy.Remove("statusAt");
        return copy.ToJsonString();
    }
}
