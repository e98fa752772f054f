using Mneme.Platform.Http.Outgoing;

namespace Mneme.UnitTests.Capture;

public sealed class OutgoingAddressTests
{
    [Theory]
    [InlineData("")]
    [InlineData("example.org")]
    [InlineData("//example.org/")]
    [InlineData("ftp://example.org/")]
    [InlineData("file:///etc/passwd")]
    [InlineData("gopher://example.org/")]
    [InlineData("javascript:alert(1)")]
    [InlineData("data:text/html,hello")]
    [InlineData("http:example.org")]
    [InlineData("http:/example.org")]
    [InlineData("http:///example.org")]
    [InlineData("http://")]
    [InlineData("https://?q")]
    [InlineData("http://user@example.org/")]
    [InlineData("http://user:password@example.org/")]
    [InlineData("http://@example.org/")]
    [InlineData("http://example.org@127.0.0.1/")]
    [InlineData("http://127.1/")]
    [InlineData("http://127.0.1/")]
    [InlineData("http://2130706433/")]
    [InlineData("http://0177.0.0.1/")]
    [InlineData("http://0x7f.0.0.1/")]
    [InlineData("http://0x7f000001/")]
    [InlineData("http://017700000001/")]
    [InlineData("http://127.0.0.01/")]
    [InlineData("http://127.0.0.1./")]
    [InlineData("http://1.2.3.4.5/")]
    [InlineData("http://256.256.256.256/")]
    [InlineData("http://example.0x1/")]
    [InlineData("http://１２７.０.０.１/")]
    [InlineData("http://①②⑦.⓪.⓪.①/")]
    [InlineData("http://127。0。0。1/")]
    [InlineData("http://example.org\\@127.0.0.1/")]
    [InlineData("http:\\\\example.org/")]
    [InlineData("http://example.org\\.evil.org/")]
    [InlineData("http://exa mple.org/")]
    [InlineData("http://example.org/a b")]
    [InlineData("http://example.org/\r\nHost: other")]
    [InlineData("http://example.org/\ta")]
    [InlineData("http://example.org/\0")]
    [InlineData("http://exam\u200bple.org/")]
    [InlineData("http://%31%32%37.0.0.1/")]
    [InlineData("http://example.org%2f@127.0.0.1/")]
    [InlineData("http://[fe80::1%25eth0]/")]
    [InlineData("http://[::1/")]
    [InlineData("http://::1/")]
    [InlineData("http://[]/")]
    [InlineData("http://./")]
    [InlineData("http://../")]
    [InlineData("http://example..org/")]
    [InlineData("http://example.org:0/")]
    [InlineData("http://example.org:65536/")]
    [InlineData("http://example.org:-80/")]
    [InlineData("http://example.org:80:80/")]
    [InlineData("http://exa<mple.org/")]
    public void What_is_no_plain_web_address_is_refused_with_a_reason(string text)
    {
        OutgoingAddress.TryParse(text, out var address, out var problem).ShouldBeFalse(address?.ToString());
        problem.ShouldNotBeNullOrWhiteSpace();
    }

    [Fact]
    public void An_address_has_a_greatest_length()
    {
        OutgoingAddress.TryParse("https://example.org/" + new string('a', 1980), out _, out _).ShouldBeTrue();
        OutgoingAddress.TryParse("https://example.org/" + new string('a', 1981), out _, out _).ShouldBeFalse();
    }

    [Theory]
    [InlineData("https://example.org", "https://example.org/")]
    [InlineData("HTTPS://EXAMPLE.ORG:443/Path?b=1#part", "https://example.org/Path?b=1")]
    [InlineData("http://example.org.:80/", "http://example.org/")]
    [InlineData("http://example.org:8080/a%20b", "http://example.org:8080/a%20b")]
    [InlineData("https://münchen.example/straße", "https://xn--mnchen-3ya.example/stra%C3%9Fe")]
    [InlineData("https://xn--mnchen-3ya.example/stra%C3%9Fe", "https://xn--mnchen-3ya.example/stra%C3%9Fe")]
    [InlineData("https://de.wikipedia.org/wiki/Kaffee#Anbau", "https://de.wikipedia.org/wiki/Kaffee")]
    [InlineData("http://93.184.216.34/", "http://93.184.216.34/")]
    [InlineData("http://[2606:4700:4700::1111]/", "http://[2606:4700:4700::1111]/")]
    [InlineData("https://example.org/?q=user@example.org", "https://example.org/?q=user@example.org")]
    public void Spellings_of_one_address_are_the_same(string text, string normal)
    {
        OutgoingAddress.TryParse(text, out var address, out var problem).ShouldBeTrue(problem);
        OutgoingAddress.Normalise(address!).ShouldBe(normal);
    }
}
