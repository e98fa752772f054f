using System.Text;
using Mneme.Channels.Infrastructure.Formats;

namespace Mneme.UnitTests.Channels;

public sealed class MailMessageTests
{
    [Fact]
    public void A_plain_mail_has_its_subject_and_its_text()
    {
        var mail = Read("From: ada@example.org\r\nSubject: Rivers\r\nMessage-ID: <1@example.org>\r\n\r\nThe Danube is long.\r\nSo is the Rhine.\r\n");
        (mail.Title, mail.Text).ShouldBe(("Rivers", "The Danube is long.\nSo is the Rhine."));
    }

    [Theory]
    [InlineData("=?utf-8?q?Gr=C3=BC=C3=9Fe_aus?= =?utf-8?Q?_Wien?=", "Grüße aus Wien")]
    [InlineData("=?iso-8859-1?Q?Gr=FC=DFe?=", "Grüße")]
    [InlineData("=?UTF-8?B?R3LDvMOfZQ==?= & more", "Grüße & more")]
    [InlineData("=?windows-1252?q?=93so=94_=85?=", "“so” …")]
    [InlineData("=?utf-8*de?q?so?=", "so")]
    [InlineData("=?nonsense?q?so?=", "so")]
    [InlineData("=?utf-8?x?so?=", "=?utf-8?x?so?=")]
    [InlineData("=?utf-8?q?unfinished", "=?utf-8?q?unfinished")]
    [InlineData("=?", "=?")]
    public void Encoded_words_are_decoded(string header, string subject) => Read($"Subject: {header}\n\nText").Title.ShouldBe(subject);

    [Fact]
    public void Headers_go_on_in_the_next_line_and_may_be_UTF_8() => Read("Subject: Grüße\n  aus\n\tWien\n\nText").Title.ShouldBe("Grüße aus Wien");

    [Fact]
    public void Of_alternatives_the_plain_one_is_taken_and_attachments_are_not()
    {
        var mail = Read("""
            Subject: Rivers
            MIME-Version: 1.0
            Content-Type: multipart/mixed; boundary="outer"

            This is for programs without MIME.
            --outer
            Content-Type: text/plain
            Content-Disposition: attachment; filename=a.txt

            An attachment
            --outer
            Content-Type: multipart/alternative; boundary=inner

            --inner
            Content-Type: text/html; charset=utf-8

            <p>As <b>HTML</b></p>
            --inner
            Content-Type: text/plain; charset="utf-8"
            Content-Transfer-Encoding: quoted-printable

            Gr=C3=BC=C3=9Fe, and a line that goes =
            on.
            --inner--
            --outer--
            """);
        mail.Text.ShouldBe("Grüße, and a line that goes on.");
    }

    [Fact]
    public void A_mail_of_HTML_alone_is_read_as_text() =>
        Read("Subject: x\nContent-Type: text/html\n\n<html><head><title>no</title></head><body><p>One</p><p>Two</p></body></html>").Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).ShouldBe(["One", "Two"]);

    [Fact]
    public void Base64_is_decoded_in_its_charset() => Read("Content-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: BASE64\n\nR3L8\n334=\n", Encoding.Latin1).Text.ShouldBe("Grüß~");

    [Fact]
    public void Octets_that_look_like_line_ends_elsewhere_are_kept() =>
        // 0x85 is a line end in ISO 8859-1, an ellipsis in Windows 1252 and part of a letter in UTF-8.
        Read("Content-Type: text/plain; charset=utf-8\n\nÅngström", Encoding.UTF8).Text.ShouldBe("Ångström");

    [Fact]
    public void The_same_mail_is_known_by_its_Message_ID_and_without_one_by_its_octets()
    {
        Read("Message-ID: <1@example.org>\nReceived: by a\n\nText").Fingerprint.ShouldBe(Read("Message-ID: <1@example.org>\nReceived: by b\n\nText").Fingerprint);
        Read("Subject: a\n\nText").Fingerprint.ShouldNotBe(Read("Subject: b\n\nText").Fingerprint);
    }

    [Fact]
    public void A_mail_that_says_nothing_is_none()
    {
        MailMessage.Read([]).ShouldBeNull();
        MailMessage.Read(Encoding.ASCII.GetBytes("From: x@example.org\n\n \n")).ShouldBeNull();
        MailMessage.Read(Encoding.ASCII.GetBytes("Content-Type: image/png\n\nxxx")).ShouldBeNull();
    }

    [Fact]
    public void Endless_nesting_endless_parts_and_random_octets_are_read_to_their_end()
    {
        var nested = string.Concat(Enumerable.Range(0, 2_000).Select(i => $"Content-Type: multipart/mixed; boundary=b{i}\n\n--b{i}\n")) + "\nText";
        MailMessage.Read(Encoding.ASCII.GetBytes("Subject: Nested\n" + nested))!.Text.ShouldBe("Nested");
        var parts = "Subject: Parts\nContent-Type: multipart/mixed; boundary=b\n\n" + string.Concat(Enumerable.Repeat("--b\nContent-Type: x/y\n\n", 20_000));
        MailMessage.Read(Encoding.ASCII.GetBytes(parts))!.Text.ShouldBe("Parts");
        var random = new Random(20261121);
        for (var i = 0; i < 300; i++)
        {
            var octets = new byte[random.Next(2_000)];
            random.NextBytes(octets);
            MailMessage.Read([.. Encoding.ASCII.GetBytes("Subject: =?utf-8?b?"), .. octets])?.Text.ShouldNotBeEmpty();
        }
    }

    private static Mneme.Channels.Domain.IncomingMessage Read(string mail, Encoding? encoding = null) => MailMessage.Read((encoding ?? Encoding.UTF8).GetBytes(mail)).ShouldNotBeNull();
}
