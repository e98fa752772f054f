using System.Text;
using Mneme.Channels.Infrastructure.Formats;

namespace Mneme.UnitTests.Channels;

public sealed class FeedTests
{
    [Fact]
    public void An_RSS_feed_is_read()
    {
        var entries = Read("""
            <?xml version="1.0" encoding="utf-8"?>
            <rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>News</title><link>https://example.org</link>
              <item><title>Rivers &amp; lakes</title><link> https://example.org/1 </link><guid isPermaLink="false">id-1</guid><description>Short</description>
                <content:encoded><![CDATA[<p>The <b>long</b> text.</p><script>x()</script>]]></content:encoded></item>
              <item><title>Only a title</title><link>https://example.org/2</link></item>
              <item><description>&lt;p&gt;Only a description&lt;/p&gt;</description></item>
              <item/>
            </channel></rss>
            """);
        entries.Select(e => (e.Title, e.Text, e.Url)).ShouldBe([
            ("Rivers & lakes", "The long text.", "https://example.org/1"), ("Only a title", "Only a title", "https://example.org/2"), (null, "Only a description", null)]);
    }

    [Fact]
    public void An_Atom_feed_is_read()
    {
        var entries = Read("""
            <feed xmlns="http://www.w3.org/2005/Atom"><title>News</title>
              <entry><id>urn:uuid:1</id><title type="html">Rivers &lt;i&gt;and&lt;/i&gt; lakes</title><link rel="self" href="https://example.org/self"/><link href="https://example.org/1"/>
                <author><name>Ada</name><id>not this</id></author><summary>Short</summary><content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>Long text.</p></div></content></entry>
            </feed>
            """);
        entries.Select(e => (e.Title, e.Text, e.Url)).ShouldBe([("Rivers and lakes", "Long text.", "https://example.org/1")]);
    }

    [Fact]
    public void An_RDF_feed_is_read() => Read("""
        <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"><channel/><item><title>Rivers</title><link>https://example.org/1</link></item></rdf:RDF>
        """).Select(e => e.Text).ShouldBe(["Rivers"]);

    [Fact]
    public void An_entry_is_known_by_its_id_however_its_text_changes()
    {
        static byte[] Fingerprint(string item) => Read($"<rss><channel><item>{item}</item></channel></rss>").Single().Fingerprint;
        Fingerprint("<guid>1</guid><title>a</title>").ShouldBe(Fingerprint("<guid>1</guid><title>b</title>"));
        Fingerprint("<guid>1</guid><title>a</title>").ShouldNotBe(Fingerprint("<guid>2</guid><title>a</title>"));
        Fingerprint("<link>https://example.org/1</link><title>a</title>").ShouldBe(Fingerprint("<link>https://example.org/1</link><title>b</title>"));
    }

    [Fact]
    public void Encodings_are_as_the_document_declares_them() =>
        Feed.Read(Encoding.Latin1.GetBytes("""<?xml version="1.0" encoding="iso-8859-1"?><rss><channel><item><title>Grüße</title></item></channel></rss>""")).Single().Text.ShouldBe("Grüße");

    [Theory]
    [InlineData("<html><body>A page</body></html>", "neither RSS nor Atom")]
    [InlineData("A text", "not well-formed")]
    [InlineData("", "not well-formed")]
    [InlineData("<rss><channel><item>", "not well-formed")]
    [InlineData("""<!DOCTYPE rss [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><rss><channel><item><title>&b;</title></item></channel></rss>""", "not well-formed")]
    [InlineData("""<!DOCTYPE rss SYSTEM "file:///etc/passwd"><rss/>""", "not well-formed")]
    public void What_is_no_feed_says_so(string document, string reason) => Should.Throw<FeedException>(() => Read(document)).Message.ShouldContain(reason);

    [Fact]
    public void Nesting_is_bounded_and_so_are_entries()
    {
        Should.Throw<FeedException>(() => Read("<rss><channel><item><title>" + string.Concat(Enumerable.Repeat("<b>", 100_000)))).Message.ShouldContain("nested too deeply");
        Read($"<rss><channel>{string.Concat(Enumerable.Range(0, Feed.MaxEntries + 100).Select(i => $"<item><guid>{i}</guid><title>{i}</title></item>"))}</channel></rss>").Count.ShouldBe(Feed.MaxEntries);
    }

    private static IReadOnlyList<Mneme.Channels.Domain.IncomingMessage> Read(string document) => Feed.Read(Encoding.UTF8.GetBytes(document));
}
