using Microsoft.Extensions.Configuration;
using Mneme.Notify;
using Mneme.Platform.Configuration;

namespace Mneme.UnitTests.Notify;

public sealed class NotifyOptionsTests
{
    [Fact]
    public void Without_settings_mails_are_files() => Check().ShouldBeEmpty();

    [Fact]
    public void A_mail_server_needs_a_sender() => Check(("Smtp:Host", "mail.example.org")).Single().ShouldStartWith("Notify__FromAddress: set the address");

    [Fact]
    public void Mails_go_one_way()
    {
        Check(("Ses", "true")).Single().ShouldStartWith("Notify__FromAddress: set the address");
        Check(("FromAddress", "a@example.org"), ("Ses", "true")).ShouldBeEmpty();
        Check(("FromAddress", "a@example.org"), ("Ses", "true"), ("Smtp:Host", "mail.example.org")).Single().ShouldStartWith("Notify__Ses: mails go through SES or through the mail server");
    }

    [Fact]
    public void User_and_password_belong_together() =>
        Check(("FromAddress", "a@example.org"), ("Smtp:Host", "mail.example.org"), ("Smtp:User", "u")).Single().ShouldStartWith("Notify__Smtp__User: ");

    [Fact]
    public void A_password_does_not_travel_readable()
    {
        (string, string)[] Settings(string host) => [("FromAddress", "a@example.org"), ("Smtp:Host", host), ("Smtp:User", "u"), ("Smtp:Password", "p"), ("Smtp:Security", "None")];
        Check(Settings("mail.example.org")).Single().ShouldStartWith("Notify__Smtp__Security: the password would travel readable");
        Check(Settings("127.0.0.1")).ShouldBeEmpty();
    }

    [Fact]
    public void Wrong_values_are_named_as_in_the_environment() =>
        Check(("FromAddress", "nobody"), ("Smtp:Port", "0"), ("Smtp:Timeout", "01:00:00")).Select(finding => finding.Split(':')[0])
            .ShouldBe(["Notify__FromAddress", "Notify__Smtp__Port", "Notify__Smtp__Timeout"], ignoreOrder: true);

    private static IReadOnlyList<string> Check(params (string Key, string Value)[] settings) => ConfigurationCheck.Run(
        new ConfigurationBuilder().AddInMemoryCollection(settings.Select(s => KeyValuePair.Create("Notify:" + s.Key, (string?)s.Value))).Build(), [OptionsType.Of<NotifyOptions>()]);
}
