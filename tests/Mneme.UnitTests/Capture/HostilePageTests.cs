using System.Diagnostics;
using System.Text;
using Mneme.Capture.Pages;

namespace Mneme.UnitTests.Capture;

public sealed class HostilePageTests
{
    private const string Readable = "<p>This paragraph is what the page says, and it is long enough to be taken for running text.</p><p>This one is a little shorter, but it is still long enough to count.</p>";

    public static TheoryData<string, string> Hostile => new()
    {
        { "nested divs", Repeat("<div>", 100_000) + Readable },
        { "nested divs that hide from a quick look", Repeat("<div>", 3000) + "<script>" + Repeat("</div>", 3000) + "</script>" + Repeat("<div>", 3000) + Readable },
        { "nested lists", Repeat("<ul><li>", 50_000) + Readable },
        { "nested tables", Repeat("<table><tr><td>", 50_000) + Readable },
        { "nested inline elements", Repeat("<span>", 300_000) + Readable },
        { "nested superscripts", Repeat("<sup>", 3_900) + new string('x', 1_000_000) },
        { "formatting to be repeated", string.Concat(Enumerable.Range(0, 20_000).Select(i => $"<b id={i}>")) + Repeat("<p>x", 20_000) },
        { "misnested formatting", Repeat("<a><p>", 50_000) + Repeat("</a>", 50_000) },
        { "foreign elements", Repeat("<svg><foreignObject>", 50_000) + Readable },
        { "too many elements", Repeat("<p>x", 400_000) },
        { "many line breaks", "<main>" + Readable + Repeat("x<br>", 500_000) },
        { "an endless tag", "<a " + new string('x', 5_000_000) },
        { "an endless comment", Readable + "<!--" + Repeat("<!--", 1_000_000) },
        { "many attributes", "<div " + string.Concat(Enumerable.Range(0, 200_000).Select(i => $"a{i}=1 ")) + ">" + Readable },
        { "many entities", "<p>" + Repeat("&notanentity;", 300_000) },
        { "many classes", Repeat($"<div class='{Repeat("cookie-bar ", 100)}'></div>", 4_000) + Readable },
    };

    [Theory]
    [MemberData(nameof(Hostile), DisableDiscoveryEnumeration = true)]
    public void A_hostile_page_is_read_or_refused_in_time_without_exhausting_the_stack(string kind, string html)
    {
        var start = Stopwatch.GetTimestamp();
        try
        {
            Article.Read(HtmlPage.Parse(html)).Paragraphs.ShouldNotBeEmpty(kind);
        }
        catch (PageException e)
        {
            e.Message.ShouldNotBeNullOrWhiteSpace();
        }

        Stopwatch.GetElapsedTime(start).ShouldBeLessThan(TimeSpan.FromSeconds(30), kind);
    }

    [Fact]
    public void A_page_that_is_merely_deep_is_read()
    {
        Article.Read(HtmlPage.Parse(Repeat("<div>", 2_000) + Readable + Repeat("</div>", 2_000))).Paragraphs.Count.ShouldBe(2);
    }

    public static TheoryData<string, string?, string> Encodings => new()
    {
        { "utf-8", "utf-8", "Grüße – 日本語 😀" },
        { "utf-8", null, "Grüße – 日本語 😀" },
        { "windows-1252", null, "Grüße – „so“ €" },
        { "windows-1252", "ISO-8859-1", "Grüße – „so“ €" },
        { "windows-1252", "latin1", "Grüße – „so“ €" },
        { "windows-1251", "windows-1251", "Привет" },
        { "koi8-r", "KOI8-R", "Привет" },
        { "shift_jis", "Shift_JIS", "日本語のページ" },
        { "euc-jp", "euc-jp", "日本語のページ" },
        { "gb18030", "gb2312", "中文网页" },
        { "big5", "big5", "中文網頁" },
        { "ks_c_5601-1987", "euc-kr", "한국어 페이지" },
        { "iso-8859-2", "iso-8859-2", "Zażółć gęślą jaźń" },
        { "windows-1254", "iso-8859-9", "Işık ve gölge" },
        { "windows-1252", "utf-7", "Grüße +AGE-" },
        { "windows-1252", "no-such-charset", "Grüße" },
    };

    [Theory]
    [MemberData(nameof(Encodings))]
    public void A_header_names_the_charset(string encoding, string? charset, string text) =>
        CharacterEncoding.Decode(Bytes(encoding, text), charset).ShouldBe(text);

    [Theory]
    [InlineData("<meta charset=windows-1251>", "windows-1251")]
    [InlineData("<META CHARSET = 'koi8-r' />", "koi8-r")]
    [InlineData("<meta http-equiv=\"Content-Type\" content=\"text/html; charset=iso-8859-5\">", "iso-8859-5")]
    [InlineData("<!-- <meta charset=utf-8> --><meta name=a content=b><meta charset=\"windows-1251\">", "windows-1251")]
    [InlineData("<?xml version=\"1.0\" encoding=\"windows-1251\"?><html>", "windows-1251")]
    [InlineData("<meta charset=utf-16>", "utf-8")]
    public void A_page_names_its_own_charset(string declaration, string encoding)
    {
        var page = declaration + "<p>Привет";
        CharacterEncoding.Decode(Bytes(encoding, page), null).ShouldBe(page);
    }

    [Fact]
    public void A_byte_order_mark_outweighs_everything()
    {
        foreach (var encoding in new[] { Encoding.UTF8, Encoding.Unicode, Encoding.BigEndianUnicode })
            CharacterEncoding.Decode([.. encoding.GetPreamble(), .. encoding.GetBytes("<meta charset=koi8-r>Grüße")], "windows-1251").ShouldBe("<meta charset=koi8-r>Grüße");
    }

    [Fact]
    public void Broken_bytes_become_replacement_characters()
    {
        CharacterEncoding.Decode([0x41, 0xC3, 0x28, 0xFF], "utf-8").ShouldBe("A\ufffd(\ufffd");
        CharacterEncoding.Decode([], null).ShouldBe("");
    }

    private static byte[] Bytes(string encoding, string text) =>
        (CodePagesEncodingProvider.Instance.GetEncoding(encoding) ?? Encoding.GetEncoding(encoding)).GetBytes(text);

    private static string Repeat(string text, int count) => string.Concat(Enumerable.Repeat(text, count));
}
