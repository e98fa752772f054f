using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Mneme.Contracts.Study;
using static Mneme.IntegrationTests.Capture.CaptureApi;

namespace Mneme.IntegrationTests.Capture;

[Collection(CaptureTests.Name)]
public sealed class ListCapturesTests(CaptureApplication capture)
{
    [Fact]
    public async Task Pages_are_newest_first_and_stable_while_captures_come_and_go()
    {
        using var person = capture.NewPerson();
        var ids = new List<Guid>();
        for (var i = 0; i < 9; i++)
            ids.Insert(0, IdOf(await person.CreateAsync()));
        (await person.ListAsync(limit: 2)).ShouldBe(ids);
        (await person.ListAsync(limit: 3)).ShouldBe(ids);

        var first = (await person.Http.GetFromJsonAsync<JsonNode>("captures?limit=4"))!;
        Ids(first).ShouldBe(ids[..4]);
        await person.CreateAsync();
        await person.StatusAsync(HttpMethod.Delete, $"captures/{ids[3]}");
        await person.StatusAsync(HttpMethod.Delete, $"captures/{ids[5]}");
        var second = (await person.Http.GetFromJsonAsync<JsonNode>($"captures?limit=4&cursor={first["nextCursor"]}"))!;
        Ids(second).ShouldBe([ids[4], ids[6], ids[7], ids[8]]);
        second["nextCursor"].ShouldBeNull();
    }

    [Fact]
    public async Task A_list_carries_an_excerpt_and_not_the_whole_text()
    {
        using var person = capture.NewPerson();
        await person.CreateAsync(("content", "Line one\n\nline two " + string.Concat(Enumerable.Repeat("word ", 500))));
        var item = (await person.Http.GetFromJsonAsync<JsonNode>("captures"))!["items"]![0]!;
        var excerpt = item["excerpt"]!.GetValue<string>();
        excerpt.ShouldStartWith("Line one line two word");
        excerpt.ShouldEndWith("word…");
        excerpt.Length.ShouldBeLessThanOrEqualTo(280);
        item["content"].ShouldBeNull();
    }

    [Fact]
    public async Task Filters_hold_together()
    {
        using var person = capture.NewPerson();
        var a = IdOf(await person.CreateAsync(("tags", new[] { "Bio", "Ökologie" }), ("source", "Book A")));
        var b = IdOf(await person.CreateAsync(("tags", new[] { "bio" }), ("source", "Book B")));
        var c = IdOf(await person.CreateAsync(("source", "Book B")));
        await capture.App.DeliverAsync(new ContentProcessed(person.UserId, a, 1, Guid.NewGuid(), "T", 3, "offline", 1));
        await capture.App.DeliverAsync(new ContentFailed(person.UserId, b, 1, "No.", 1));

        (await person.ListAsync("status=PROCESSED")).ShouldBe([a]);
        (await person.ListAsync("status=FAILED")).ShouldBe([b]);
        (await person.ListAsync("status=PENDING")).ShouldBe([c]);
        (await person.ListAsync("type=TEXT")).ShouldBe([c, b, a]);
        (await person.ListAsync("type=PAGE")).ShouldBeEmpty();
        (await person.ListAsync("tag=BIO")).ShouldBe([b, a]);
        (await person.ListAsync($"tag={Uri.EscapeDataString("ökologie")}")).ShouldBe([a]);
        (await person.ListAsync("tag=bi")).ShouldBeEmpty();
        (await person.ListAsync("source=Book%20B")).ShouldBe([c, b]);
        (await person.ListAsync("source=Book%20B&tag=bio")).ShouldBe([b]);
        (await person.ListAsync("source=Book%20B&tag=bio&status=PENDING")).ShouldBeEmpty();
    }

    [Fact]
    public async Task Words_are_found_in_title_and_text_as_the_language_inflects_them()
    {
        using var person = capture.NewPerson();
        var english = IdOf(await person.CreateAsync(("content", "The mice were running through the houses."), ("language", "en-GB"), ("title", "Rodents")));
        var german = IdOf(await person.CreateAsync(("content", "Die Häuser der Bäuerinnen standen am Waldrand."), ("language", "de"), ("title", "Auf dem Land")));
        var other = IdOf(await person.CreateAsync(("content", "Les maisons sont grandes. Running."), ("language", "fr")));
        var plain = IdOf(await person.CreateAsync(("content", "Houses and mice, in a language that is not stemmed."), ("language", "la")));
        var detected = IdOf(await person.CreateAsync(("content", "Die Kirchen der Stadt wurden nach dem großen Brand von den Bürgern wieder aufgebaut.")));

        (await Find(person, "house")).ShouldBe([english]);
        (await Find(person, "run")).ShouldBe([english]);
        (await Find(person, "running")).ShouldBe([other, english]);
        (await Find(person, "Haus")).ShouldBe([german]);
        (await Find(person, "häusern")).ShouldBe([german]);
        (await Find(person, "rodent")).ShouldBe([english]);
        (await Find(person, "\"Land\" Waldrand")).ShouldBe([german]);
        (await Find(person, "maisons grandes")).ShouldBe([other]);
        (await Find(person, "mice")).ShouldBe([plain, english]);
        (await Find(person, "mice -rodents")).ShouldBe([plain]);
        (await Find(person, "mice -house")).ShouldBe([plain]);
        (await Find(person, "maisons or Waldrand")).ShouldBe([other, german]);
        (await Find(person, "\"mice were\"")).ShouldBe([english]);
        (await Find(person, "Kirche Städte")).ShouldBe([detected]);
        (await Find(person, "nothing of the kind")).ShouldBeEmpty();
        using var stranger = capture.NewPerson();
        (await Find(stranger, "mice")).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_new_title_is_found_and_the_old_one_is_not()
    {
        using var person = capture.NewPerson();
        var id = IdOf(await person.CreateAsync(("title", "Zebra")));
        await person.StatusAsync(HttpMethod.Patch, $"captures/{id}", new { title = "Giraffe" });
        (await Find(person, "giraffe")).ShouldBe([id]);
        (await Find(person, "zebra")).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("'")]
    [InlineData("& | ! ( ) :* <->")]
    [InlineData("\"")]
    [InlineData("- or and")]
    [InlineData("%_\\")]
    [InlineData("'; drop table captures; --")]
    public async Task Any_words_may_be_searched_for(string words)
    {
        using var person = capture.NewPerson();
        await person.CreateAsync();
        (await Find(person, words)).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("status=DONE")]
    [InlineData("type=BOOK")]
    [InlineData("limit=0")]
    [InlineData("limit=101")]
    [InlineData("limit=x")]
    [InlineData("cursor=!!!")]
    [InlineData("cursor=bm90LWFuLWlk")]
    public async Task A_filter_that_makes_no_sense_is_refused(string query)
    {
        using var person = capture.NewPerson();
        (await person.StatusAsync(HttpMethod.Get, $"captures?{query}")).ShouldBe(HttpStatusCode.BadRequest);
    }

    [Theory]
    [InlineData("q", 201)]
    [InlineData("tag", 51)]
    [InlineData("source", 2001)]
    public async Task A_filter_that_is_too_long_is_refused(string name, int length)
    {
        using var person = capture.NewPerson();
        (await person.StatusAsync(HttpMethod.Get, $"captures?{name}={new string('x', length)}")).ShouldBe(HttpStatusCode.BadRequest);
    }

    private static Task<List<Guid>> Find(CaptureApi person, string words) => person.ListAsync("q=" + Uri.EscapeDataString(words));

    private static IEnumerable<Guid> Ids(JsonNode page) => page["items"]!.AsArray().Select(item => IdOf(item!));
}
