using Mneme.Identity.Domain;

namespace Mneme.UnitTests.Identity;

public sealed class EmailAddressTests
{
    [Theory]
    [InlineData("ada@example.org", "ada@example.org")]
    [InlineData("  Ada.Lovelace+cards@Example.ORG ", "ada.lovelace+cards@example.org")]
    [InlineData("o'brien@example.co.uk", "o'brien@example.co.uk")]
    [InlineData("jürgen@münchen.de", "jürgen@xn--mnchen-3ya.de")]
    [InlineData("ju\u0308rgen@m\u00fcnchen.de", "jürgen@xn--mnchen-3ya.de")]
    [InlineData("\uFF41da@example.org", "ada@example.org")]
    [InlineData("用户@例子.广告", "用户@xn--fsqu00a.xn--4rr70v")]
    [InlineData("x@sub.sub2.example-host.museum", "x@sub.sub2.example-host.museum")]
    public void An_address_has_one_form_for_comparison(string text, string key)
    {
        var email = EmailAddress.Parse(text);
        email.ShouldNotBeNull().Key.ShouldBe(key);
        email.Value.ShouldBe(text.Trim());
    }

    [Theory]
    [InlineData("")]
    [InlineData("ada")]
    [InlineData("@example.org")]
    [InlineData("ada@")]
    [InlineData("ada@example")]
    [InlineData("ada@@example.org")]
    [InlineData("ada@eve@example.org")]
    [InlineData(".ada@example.org")]
    [InlineData("ada.@example.org")]
    [InlineData("ada..l@example.org")]
    [InlineData("ada lovelace@example.org")]
    [InlineData("ada@exa mple.org")]
    [InlineData("ada@-example.org")]
    [InlineData("ada@example-.org")]
    [InlineData("ada@example..org")]
    [InlineData("ada@.example.org")]
    [InlineData("ada@127.0.0.1")]
    [InlineData("ada@[127.0.0.1]")]
    [InlineData("ada\r\nBcc: eve@example.org")]
    [InlineData("\"ada\"@example.org\r\n.com")]
    [InlineData("<ada@example.org>")]
    [InlineData("Ada <ada@example.org>")]
    [InlineData("ada@exa_mple.org")]
    public void What_no_mail_could_be_sent_to_is_no_address(string text) => EmailAddress.Parse(text).ShouldBeNull();

    [Fact]
    public void Lengths_are_limited_as_in_SMTP()
    {
        EmailAddress.Parse($"{new string('a', 64)}@example.org").ShouldNotBeNull();
        EmailAddress.Parse($"{new string('a', 65)}@example.org").ShouldBeNull();
        EmailAddress.Parse($"a@{string.Join('.', Enumerable.Repeat(new string('b', 60), 4))}.org").ShouldNotBeNull().Value.Length.ShouldBeLessThanOrEqualTo(254);
        // One character that stands for a phrase of eighteen: compared is the phrase.
        EmailAddress.Parse("\uFDFA@example.org").ShouldBeNull();
        EmailAddress.Parse($"{new string('\uFB03', 21)}@example.org").ShouldNotBeNull().Key.ShouldStartWith("ffiffi");
        EmailAddress.Parse($"{new string('\uFB03', 22)}@example.org").ShouldBeNull();
        EmailAddress.Parse($"aaaaaaaa@{string.Join('.', Enumerable.Repeat(new string('b', 60), 4))}.org").ShouldBeNull();
    }
}
