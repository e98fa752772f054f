using System.Net.Http.Json;
using System.Text.Json;
using Mneme.IntegrationTests.Aws;
using Mneme.IntegrationTests.Support;
using Mneme.Notify;

namespace Mneme.IntegrationTests.Notify;

/// <summary>Mails through Amazon SES. Attempts after the first are made when the clock says so.</summary>
public sealed class SesTests(SharedApplication shared) : IAsyncLifetime
{
    private readonly Guid _user = Guid.CreateVersion7();
    private readonly AwsStandIn _aws = new();
    private TestApplication _app = null!;

    public async ValueTask InitializeAsync()
    {
        await _aws.StartAsync();
        var settings = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["Notify:FromAddress"] = "learn@example.org",
            ["Notify:Ses"] = "true",
            ["Aws:EndpointUrl"] = _aws.Address.ToString(),
            ["Aws:Region"] = AwsStandIn.Region,
        };
        _app = await TestApplication.StartAsync(shared.Postgres, settings: settings, services: [new NotifyService()]);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        await _aws.DisposeAsync();
    }

    [Fact]
    public async Task A_mail_goes_out_once_and_as_it_was_composed()
    {
        await _app.DeliverAsync(NotifyEvents.Registered(_user, "Zoë", locale: "de"), times: 50);
        await StatusAsync("SENT");

        var (from, to, content) = _aws.Others.Mails.ShouldHaveSingleItem();
        (from, to).ShouldBe(("learn@example.org", NotifyEvents.Address(_user)));
        var mail = new ParsedMail(content);
        mail.Subject.ShouldBe("Willkommen bei Mneme");
        mail.Text.ShouldStartWith("Hallo Zoë,");
        Directory.Exists(Path.Combine(_app.DataFolder, "mail")).ShouldBeFalse();
    }

    [Theory]
    [InlineData("TooManyRequestsException", "Maximum sending rate exceeded.", 429)]
    [InlineData("MessageRejected", "Email address is not verified.", 400)]
    [InlineData("SendingPausedException", "Sending is paused.", 400)]
    [InlineData("InternalFailure", "It is us.", 500)]
    public async Task A_mail_that_is_not_taken_now_is_sent_later_and_once(string code, string message, int status)
    {
        _aws.Fail("/v2/email/outbound-emails", new AwsFault { Refusal = new AwsRefusalException(code, message, status) });

        await _app.DeliverAsync(NotifyEvents.Registered(_user));
        await Eventually.TrueAsync(
            async () => await _app.QueryAsync<long>("notify", "select count(*) from jobs where kind = 'notify.send' and attempts = 1 and leased_until is null and last_error like $1", $"%{code}%") == 1,
            "the first attempt fails");
        _app.Clock.Advance(TimeSpan.FromMinutes(1));
        await StatusAsync("SENT");

        _aws.Others.Mails.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_mail_that_is_refused_for_good_is_failed_with_the_reason_and_without_the_address()
    {
        _aws.Fail("/v2/email/outbound-emails", new AwsFault { Refusal = new AwsRefusalException("MessageRejected", $"{NotifyEvents.Address(_user)} is on the suppression list.") });

        await _app.DeliverAsync(NotifyEvents.Registered(_user));

        var reason = (await StatusAsync("FAILED")).GetProperty("reason").GetString()!;
        reason.ShouldContain("MessageRejected (400): (recipient) is on the suppression list.");
        _aws.Others.Mails.ShouldBeEmpty();
    }

    [Fact]
    public async Task An_address_outside_ASCII_is_refused()
    {
        await _app.DeliverAsync(NotifyEvents.Registered(_user, email: "zoë@example.org"));

        (await StatusAsync("FAILED")).GetProperty("reason").GetString()!.ShouldContain("outside ASCII");
        _aws.Requests.ShouldBeEmpty();
    }

    private async Task<JsonElement> StatusAsync(string status)
    {
        using var client = _app.ClientOf(_user);
        JsonElement notification = default;
        await Eventually.TrueAsync(
            async () => (notification = (await client.GetFromJsonAsync<JsonElement>("notifications")).GetProperty("items").EnumerateArray().Single()).GetProperty("status").GetString() == status,
            $"the notification is {status}");
        return notification;
    }
}
