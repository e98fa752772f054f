using System.Text;
using Mneme.Notify.Mail;

namespace Mneme.UnitTests.Notify;

public sealed class MimeTests
{
    [Theory]
    // RFC 2045 §6.7 and its erratum-free reading: what Python's quopri gives for the same text.
    [InlineData("", "")]
    [InlineData("a=b", "a=3Db")]
    [InlineData("über", "=C3=BCber")]
    [InlineData("end \nnext\t\n", "end=20\r\nnext=09\r\n")]
    [InlineData("a\r\nb\rc", "a\r\nb\r\nc")]
    [InlineData("snow ☃!", "snow =E2=98=83!")]
    public void Text_is_quoted_as_other_programs_quote_it(string text, string expected) => QuotedPrintable.Encode(text).ShouldBe(expected);

    [Fact]
    public void Lines_are_broken_before_they_are_too_long()
    {
        QuotedPrintable.Encode(new string('x', 76)).ShouldBe(new string('x', 76));
        QuotedPrintable.Encode(new string('x', 77)).ShouldBe(new string('x', 75) + "=\r\nxx");
        QuotedPrintable.Encode(new string('ü', 40)).Split("\r\n").ShouldAllBe(line => line.Length <= 76);
    }

    [Fact]
    public void Header_text_outside_ASCII_becomes_encoded_words_that_split_no_character()
    {
        HeaderText.Encode("Karten fällig").ShouldBe("=?utf-8?B?S2FydGVuIGbDpGxsaWc=?=");
        var text = string.Concat(Enumerable.Repeat("😀ü", 40));
        var words = HeaderText.Encode(text).Split("\r\n ");
        words.Length.ShouldBeGreaterThan(4);
        words.ShouldAllBe(word => "Subject: ".Length + word.Length <= 76 && word.StartsWith("=?utf-8?B?", StringComparison.Ordinal) && word.EndsWith("?=", StringComparison.Ordinal));
        var strict = new UTF8Encoding(false, throwOnInvalidBytes: true);
        string.Concat(words.Select(word => strict.GetString(Convert.FromBase64String(word[10..^2])))).ShouldBe(text);
    }

    [Theory]
    [InlineData("Ada", "\"Ada\" <ada@example.org>")]
    [InlineData("Ada \"the\" \\ Countess", "\"Ada \\\"the\\\" \\\\ Countess\" <ada@example.org>")]
    [InlineData("Eve\r\nBcc: x@y.org", "\"Eve  Bcc: x@y.org\" <ada@example.org>")]
    [InlineData("Eve\0\u0085\u2028x", "\"Eve   x\" <ada@example.org>")]
    [InlineData("=?utf-8?Q?x?=", "=?utf-8?B?PT91dGYtOD9RP3g/PQ==?=\r\n <ada@example.org>")]
    [InlineData("  ", "ada@example.org")]
    public void A_name_stays_a_name(string name, string expected) => HeaderText.Mailbox(name, MailAddress.Parse("ada@example.org")!).ShouldBe(expected);

    [Theory]
    [InlineData("ada@example.org", "ada@example.org")]
    [InlineData("o'brien+x@sub.example.org", "o'brien+x@sub.example.org")]
    [InlineData("zoe@bücher.example", "zoe@xn--bcher-kva.example")]
    [InlineData("zoë@example.org", "zoë@example.org")]
    [InlineData("mneme@localhost", "mneme@localhost")]
    public void Addresses_are_read(string text, string expected) => MailAddress.Parse(text)!.ToString().ShouldBe(expected);

    [Theory]
    [InlineData("")]
    [InlineData("ada")]
    [InlineData("@example.org")]
    [InlineData("ada@")]
    [InlineData("a b@example.org")]
    [InlineData("ada@example.org>\r\nDATA")]
    [InlineData("ada@exa\r\nmple.org")]
    [InlineData("\"ada\"@example.org")]
    [InlineData("ada..b@example.org")]
    [InlineData("a<b@example.org")]
    [InlineData("ada@exam ple.org")]
    public void What_is_no_address_is_none(string text) => MailAddress.Parse(text).ShouldBeNull();
}
