using Mneme.Capture.Pages;

namespace Mneme.UnitTests.Capture;

public sealed class ArticleTests
{
    [Fact]
    public void A_news_article_is_read_without_what_surrounds_it()
    {
        var page = Read("news.html");
        page.Title.ShouldBe("River otters return to the old harbour");
        page.Language.ShouldBe("en-GB");
        page.Paragraphs.ShouldBe(
        [
            "Four decades after the last sighting, a family of otters has settled between the disused docks.",
            "Biologists at the harbour trust counted two adults and three cubs on Tuesday. It is the first litter recorded in the estuary since 1983, when pollution had driven the animals upstream.",
            "“Otters are the last to come back,” said Dr Imogen Vale, who leads the survey. “If they stay, the water is clean enough for fish, and the fish are plentiful enough for them.”",
            "A slow recovery",
            "Between 1990 and 2010 the city rebuilt its sewers. Oxygen in the tidal basin rose from 3 to 8 milligrams per litre, and eels were found again in 2015.",
            "Adult otters eat about one kilogram of fish a day.",
            "A family needs up to twenty kilometres of bank.",
        ]);
    }

    [Fact]
    public void A_blog_without_any_semantic_element_is_read()
    {
        var page = Read("blog.html");
        page.Title.ShouldBe("Sourdough, explained by a physicist");
        page.Paragraphs.ShouldBe(
        [
            "A sourdough starter is a small ecosystem of wild yeast and lactic acid bacteria.",
            "The yeast turns sugar into carbon dioxide and alcohol; the gas is trapped by a network of gluten, which is why the dough rises.\nThe bacteria make lactic and acetic acid, which keep other microbes away.",
            "Temperature decides who wins. Above 30 °C the bacteria multiply faster than the yeast, and the bread turns out sour and flat.",
            "Flour, water, salt and time: everything else is marketing.",
            "hydration = water / flour\n0.75 = 375 g / 500 g",
        ]);
    }

    [Fact]
    public void A_page_of_documentation_keeps_its_headings_definitions_and_code()
    {
        var page = Read("docs.html");
        page.Title.ShouldBe("Transactions");
        page.Paragraphs.ShouldBe(
        [
            "A transaction groups several statements so that either all of them take effect or none of them does.",
            "Starting a transaction",
            "Call begin() on a connection. Until commit() returns, other connections do not see the changes:",
            "with db.begin() as tx:\n    tx.execute(\"update account set balance = balance - 10\")\n    tx.commit()",
            "read committed",
            "Each statement sees what was committed before it began.",
            "serializable",
            "Transactions behave as if they ran one after the other.",
            "Choosing a level",
            "Which anomalies matter",
            "Most applications are well served by the default; reports that add up many rows are not, because rows may change between two statements.",
        ]);
    }

    [Fact]
    public void A_page_of_an_encyclopaedia_is_read_without_its_apparatus()
    {
        var page = Read("lexikon.html");
        page.Title.ShouldBe("Moorfrosch");
        page.Language.ShouldBe("de");
        page.Paragraphs.ShouldBe(
        [
            "Der Moorfrosch (Rana arvalis) ist eine Art der Echten Frösche. Die Männchen färben sich zur Laichzeit für wenige Tage leuchtend blau.",
            "Merkmale",
            "Ausgewachsene Tiere werden 5,5 bis 6 cm lang. Ihr Bauch ist hell und ungefleckt, woran man sie vom Grasfrosch unterscheidet.",
            "Verbreitung",
            "Deutschland",
            "In Deutschland lebt er vor allem im Nordosten; im Süden ist er selten geworden, weil Moore entwässert wurden.",
        ]);
    }

    [Fact]
    public void A_thread_of_a_forum_is_read_as_all_of_its_posts()
    {
        var page = Read("forum.html");
        page.Paragraphs.ShouldBe(
        [
            "My kettle whistles once at about 95 degrees and again when it boils. I have descaled it, changed the lid and asked my neighbours. Does anybody know why it does that?",
            "Small bubbles of steam collapse in the cooler water above them. That is the first sound. The second is steam that leaves through the whistle, and it only begins when all of the water is hot enough.",
            "So the first one stops because the bubbles no longer collapse, if I understand you. Thank you, that makes sense to me now!",
        ]);
    }

    [Fact]
    public void Consent_is_not_taken_for_content_even_where_it_is_most_of_the_page()
    {
        var page = Read("consent.html");
        page.Title.ShouldBe("Wie Vulkane entstehen");
        page.Paragraphs.ShouldBe(
        [
            "Vulkane entstehen dort, wo geschmolzenes Gestein aus dem Erdmantel bis an die Oberfläche dringt.",
            "Die meisten liegen an den Rändern der Erdplatten. Taucht eine Platte unter eine andere, so gibt sie Wasser ab, das den Schmelzpunkt des Gesteins senkt.",
        ]);
    }

    [Fact]
    public void A_page_of_links_and_a_form_has_nothing_to_read() =>
        Should.Throw<PageException>(() => Read("portal.html")).Message.ShouldContain("no readable text");

    [Fact]
    public void An_old_page_laid_out_by_tables_in_a_legacy_charset_is_read()
    {
        var page = Read("legacy.html");
        page.Title.ShouldBe("Die Mühlen im Tal");
        page.Language.ShouldBe("de");
        page.Paragraphs.ShouldBe(
        [
            "Um 1850 drehten sich im Tal noch vierzehn Mühlen – die älteste stammte aus dem Jahr 1312. Sie mahlten Korn, sägten Holz und walkten Tuch.",
            "Mit der Dampfmaschine verloren sie ihre Arbeit. „Das Wasser läuft, und keiner braucht es“, schrieb der letzte Müller 1911.",
            "Heute steht noch eine; ihr Rad wurde 1987 für 20.000 € in heutigem Geld erneuert.",
        ]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("<")]
    [InlineData("<frameset><frame src=a></frameset>")]
    [InlineData("<html hidden><body hidden><p>A paragraph that is long enough to be read, and which nobody is meant to see at all.</p><p>Another one.</p>")]
    [InlineData("plain words without an end")]
    public void A_page_without_text_is_no_error_of_the_program(string html) => Should.Throw<PageException>(() => Parse(html));

    [Fact]
    public void A_form_around_the_whole_page_does_not_hide_it() =>
        Parse("<form id=aspnetForm><div class=content><p>Some frameworks put the whole of every page into one form, which is then no sign of anything.</p><p>So its text is read all the same, and nobody notices.</p></div></form>")
            .Paragraphs.Count.ShouldBe(2);

    [Fact]
    public void Chinese_is_weighed_by_its_own_measure() =>
        Parse("<html lang=zh-hans><title>月球</title><body><div class=menu><a href=/>首页</a></div><div><p>月球是地球唯一的天然卫星，也是太阳系中第五大的卫星。</p><p>月球绕地球公转一周约需二十七天，潮汐主要由它引起。</p></div>")
            .ShouldSatisfyAllConditions(page => page.Language.ShouldBe("zh-Hans"), page => page.Paragraphs.Count.ShouldBe(2));

    [Fact]
    public void Characters_that_cannot_be_stored_do_not_come_out()
    {
        var text = Parse("<p>A null \0 and half a pair &#xD800; and a control \u0007 in a paragraph that is long enough to be taken for one, and then some more to be sure.").Text;
        text.ShouldNotContain('\0');
        text.ShouldAllBe(c => !char.IsSurrogate(c) && !char.IsControl(c));
    }

    private static ReadablePage Read(string sample) =>
        Parse(CharacterEncoding.Decode(File.ReadAllBytes(Repository.File($"tests/Mneme.UnitTests/Capture/Samples/{sample}")), charsetOfHeader: null));

    private static ReadablePage Parse(string html) => Article.Read(HtmlPage.Parse(html));
}
