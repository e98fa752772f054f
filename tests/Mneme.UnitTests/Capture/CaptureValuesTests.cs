using System.Text;
using System.Text.Json.Nodes;
using Mneme.Capture.Domain;

namespace Mneme.UnitTests.Capture;

public sealed class CaptureValuesTests
{
    [Theory]
    [InlineData("de", "de")]
    [InlineData("EN", "en")]
    [InlineData("de-at", "de-AT")]
    [InlineData("en_GB", "en-GB")]
    [InlineData("zh-hant-tw", "zh-Hant-TW")]
    [InlineData("sr-LATN", "sr-Latn")]
    [InlineData("es-419", "es-419")]
    [InlineData("de-1996", "de-1996")]
    [InlineData("sl-rozaj-biske", "sl-rozaj-biske")]
    [InlineData("de-DE-u-co-phonebk", "de-DE-u-co-phonebk")]
    [InlineData("gsw", "gsw")]
    [InlineData(" fr ", "fr")]
    public void Language_tags_take_their_recommended_form(string given, string tag) => LanguageTag.Parse(given).ShouldBe(tag);

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("d")]
    [InlineData("german language")]
    [InlineData("de-")]
    [InlineData("-de")]
    [InlineData("de--at")]
    [InlineData("12")]
    [InlineData("de\nen")]
    [InlineData("dé")]
    [InlineData("und")]
    [InlineData("x-private")]
    [InlineData("de-aaaaaaaa-bbbbbbbb-cccccccc-dddddddd")]
    public void What_is_no_language_tag_is_none(string? given) => LanguageTag.Parse(given).ShouldBeNull();

    [Fact]
    public void Tags_keep_their_order_and_first_spelling()
    {
        var tags = TagList.Of(["  B ", "a\t b", "b", "A B", "ÄÖ", "A\u0308o\u0308"]).Value!;
        tags.Names.ShouldBe(["B", "a b", "ÄÖ"]);
        tags.Keys.ShouldBe(["b", "a b", "äö"]);
    }

    [Fact]
    public void Tags_have_limits()
    {
        TagList.Of([.. Enumerable.Range(0, 20).Select(i => $"t{i}")]).Value.ShouldNotBeNull();
        TagList.Of([.. Enumerable.Range(0, 21).Select(i => $"t{i}")]).Problem.ShouldNotBeNull();
        TagList.Of([new string('x', 50)]).Value.ShouldNotBeNull();
        TagList.Of([new string('x', 51)]).Problem.ShouldNotBeNull();
        TagList.Of(["\u0001"]).Problem.ShouldNotBeNull();
    }

    [Theory]
    [InlineData("a\r\nb\rc\u2028d", "a\nb\nc\nd")]
    [InlineData("\ufeff  a\u0000\u0007\u009fb\ufffe\uffff  ", "ab")]
    [InlineData("a\tb", "a\tb")]
    public void Cleaning_leaves_text_alone(string given, string clean) => PlainText.Clean(given).ShouldBe(clean);

    [Fact]
    public void Cleaning_removes_halves_of_characters()
    {
        PlainText.Clean("a\ud800b\udc00c").ShouldBe("abc");
        PlainText.Clean("\ud83d\ude00\ud83d").ShouldBe("\ud83d\ude00");
    }

    [Fact]
    public void An_excerpt_ends_with_a_word_and_never_within_a_character()
    {
        PlainText.Excerpt("Short\n\n text ").ShouldBe("Short text");
        var shortened = PlainText.Excerpt(string.Concat(Enumerable.Repeat("words and ", 100)));
        shortened.Length.ShouldBeInRange(200, 280);
        shortened.ShouldMatch(" (words|and)…$");
        for (var offset = 0; offset < 4; offset++)
        {
            var emoji = PlainText.Excerpt(new string('x', offset) + string.Concat(Enumerable.Repeat("😀", 400)));
            emoji.Length.ShouldBeLessThanOrEqualTo(280);
            Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(emoji)).ShouldBe(emoji);
        }
    }

    [Fact]
    public void The_same_text_has_the_same_hash_however_it_is_spaced_and_composed()
    {
        CaptureDraft.HashOfText("Café  au\n lait").ShouldBe(CaptureDraft.HashOfText("Cafe\u0301 au lait"));
        CaptureDraft.HashOfText("a").ShouldNotBe(CaptureDraft.HashOfText("A"));
        CaptureDraft.HashOfText("\ufffea").ShouldBe(CaptureDraft.HashOfText("a"));
    }

    [Fact]
    public void Metadata_is_kept_as_it_is_within_its_limits()
    {
        CaptureMetadata.Of(null).Value!.Json.ShouldBeNull();
        CaptureMetadata.Of([]).Value!.Json.ShouldBeNull();
        CaptureMetadata.Of(new JsonObject { ["n"] = JsonNode.Parse("1e400000") }).Value!.Json.ShouldBe("""{"n":1e400000}""");
        CaptureMetadata.Of(JsonNode.Parse("""{"a":{"\u0000":1}}""")!.AsObject()).Problem.ShouldNotBeNull();
        CaptureMetadata.Of(JsonNode.Parse("""{"a":["\ud800"]}""")!.AsObject()).Problem.ShouldNotBeNull();
        CaptureMetadata.Of(new JsonObject { ["text"] = new string('x', 4096) }).Problem.ShouldNotBeNull();
    }
}
