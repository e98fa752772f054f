using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Mneme.IntegrationTests.Support;
using Mneme.Notify;
using Mneme.Notify.Mail;

namespace Mneme.IntegrationTests.Notify;

/// <summary>With a mail server. Attempts after the first are made when the clock says so.</summary>
public sealed class SmtpTests(SharedApplication shared) : IAsyncLifetime
{
    private readonly Guid _user = Guid.CreateVersion7();
    private TestApplication? _app;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
            await _app.DisposeAsync();
    }

    [Theory]
    [InlineData("PLAIN LOGIN")]
    [InlineData("LOGIN XOAUTH2")]
    public async Task A_mail_goes_out_once_over_TLS_and_with_credentials(string mechanisms)
    {
        await using var server = new SmtpStandIn { Authentication = mechanisms };
        await StartAsync(server, ("Smtp:User", server.Account.User), ("Smtp:Password", server.Account.Password));

        await _app!.DeliverAsync(NotifyEvents.Registered(_user, "Zoë", locale: "de"), times: 50);
        await StatusAsync("SENT");

        var taken = server.Taken.ShouldHaveSingleItem();
        (taken.From, taken.To, taken.WasSecure, taken.User).ShouldBe(("learn@example.org", NotifyEvents.Address(_user), true, server.Account.User));
        var mail = new ParsedMail(taken.Content);
        mail.Subject.ShouldBe("Willkommen bei Mneme");
        mail.Text.ShouldStartWith("Hallo Zoë,");
        mail["From"].ShouldBe("\"Mneme\" <learn@example.org>");
        mail["Message-ID"]!.ShouldEndWith("@example.org>");
        server.Commands.ShouldContain("STARTTLS");
        server.Commands.ShouldAllBe(c => !c.StartsWith("MAIL FROM") || c == "MAIL FROM:<learn@example.org>");
        Directory.Exists(Path.Combine(_app.DataFolder, "mail")).ShouldBeFalse();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_mail_that_is_not_taken_now_is_sent_later_and_once(bool atTheEnd)
    {
        await using var server = new SmtpStandIn();
        (atTheEnd ? server.DataReplies : server.RecipientReplies).Enqueue("451 4.7.1 greylisted, come again");
        await StartAsync(server);

        await _app!.DeliverAsync(NotifyEvents.Registered(_user));
        await AttemptsAsync(1, "%451 4.7.1 greylisted%");
        (await HistoryAsync()).GetProperty("status").GetString().ShouldBe("QUEUED");
        server.Taken.ShouldBeEmpty();
        _app.Clock.Advance(TimeSpan.FromMinutes(1));
        await StatusAsync("SENT");

        server.Taken.ShouldHaveSingleItem();
        var first = server.Commands.Count(c => c.StartsWith("RCPT", StringComparison.Ordinal));
        first.ShouldBe(2);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_mail_that_is_refused_for_good_is_failed_with_the_reason_and_not_tried_again(bool atTheEnd)
    {
        await using var server = new SmtpStandIn();
        (atTheEnd ? server.DataReplies : server.RecipientReplies).Enqueue("550-5.1.1 nobody\r\n550 5.1.1 of that name here");
        await StartAsync(server);

        await _app!.DeliverAsync(NotifyEvents.Registered(_user));
        var failed = await StatusAsync("FAILED");

        failed.GetProperty("reason").GetString().ShouldBe("The mail server refused the mail: 550 5.1.1 nobody 5.1.1 of that name here");
        failed.GetProperty("subject").GetString().ShouldBe("Welcome to Mneme");
        await Eventually.TrueAsync(async () => await _app.QueryAsync<long>("notify", "select count(*) from jobs where kind = 'notify.send'") == 0, "the job is done");
        server.Taken.ShouldBeEmpty();
    }

    [Fact]
    public async Task What_the_server_says_is_kept_without_the_recipients_address()
    {
        await using var server = new SmtpStandIn();
        server.RecipientReplies.Enqueue($"450 4.2.0 <{NotifyEvents.Address(_user).ToUpperInvariant()}>: Recipient address rejected: greylisted");
        server.DataReplies.Enqueue($"554 5.7.1 {NotifyEvents.Address(_user)} is on no list of mine");
        await StartAsync(server);

        await _app!.DeliverAsync(NotifyEvents.Registered(_user));
        await AttemptsAsync(1, "%450 4.2.0 <the recipient>: Recipient address rejected: greylisted");
        _app.Clock.Advance(TimeSpan.FromMinutes(1));

        (await StatusAsync("FAILED")).GetProperty("reason").GetString().ShouldBe("The mail server refused the mail: 554 5.7.1 the recipient is on no list of mine");
    }

    [Fact]
    public async Task A_server_that_is_away_or_too_slow_is_tried_again()
    {
        // Bound and not listening: it refuses, and nobody else gets the port meanwhile.
        using var gone = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        gone.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        await StartAsync(((IPEndPoint)gone.LocalEndPoint!).Port, null);
        await _app!.DeliverAsync(NotifyEvents.Registered(_user));
        await AttemptsAsync(1, "%could not be used%refused%");
        await _app.DisposeAsync();

        await using var mute = new SmtpStandIn { IsMute = true };
        await StartAsync(mute, ("Smtp:Timeout", "00:00:00.300"));
        await _app.DeliverAsync(NotifyEvents.Registered(_user));
        await AttemptsAsync(1, "%did not take the mail within 0.3 s%");
    }

    [Fact]
    public async Task A_program_that_stops_when_the_mail_is_taken_does_not_send_it_again()
    {
        var prefix = "t" + Guid.NewGuid().ToString("n")[..12];
        await using var server = new SmtpStandIn { HoldsOn = true };
        await StartAsync(server.Port, server.Certificate, prefix);
        await _app!.DeliverAsync(NotifyEvents.Registered(_user));
        await Eventually.TrueAsync(() => Task.FromResult(server.Commands.Contains("QUIT")), "the mail is taken");
        await _app.DisposeAsync();

        await StartAsync(server.Port, server.Certificate, prefix);
        await StatusAsync("SENT");
        await Eventually.TrueAsync(async () => await _app.QueryAsync<long>("notify", "select count(*) from jobs where kind = 'notify.send'") == 0, "the job is done");
        server.Taken.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task The_last_attempt_leaves_a_failure_in_the_history_and_in_the_queue()
    {
        await using var server = new SmtpStandIn();
        server.RecipientReplies.Enqueue("451 later");
        server.RecipientReplies.Enqueue("452 still later");
        await StartAsync(server);
        await _app!.DeliverAsync(NotifyEvents.Registered(_user));
        await AttemptsAsync(1, "%451 later%");

        await using (var tire = _app.Database("notify").CreateCommand("update jobs set attempts = 149 where kind = 'notify.send'"))
            await tire.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        _app.Clock.Advance(TimeSpan.FromMinutes(1));

        (await StatusAsync("FAILED")).GetProperty("reason").GetString()!.ShouldContain("452 still later");
        await Eventually.TrueAsync(
            async () => await _app.QueryAsync<long>("notify", "select count(*) from jobs where kind = 'notify.send' and failed_at is not null and last_error like '%452%'") == 1, "the job is failed");
    }

    [Fact]
    public async Task Nothing_is_said_without_TLS_or_to_somebody_whose_certificate_is_not_right()
    {
        await using var plain = new SmtpStandIn { OffersStartTls = false, Authentication = "PLAIN" };
        await StartAsync(plain, ("Smtp:User", plain.Account.User), ("Smtp:Password", plain.Account.Password));
        await _app!.DeliverAsync(NotifyEvents.Registered(_user));
        await AttemptsAsync(1, "%offers no STARTTLS%");
        plain.Commands.ShouldAllBe(c => c.StartsWith("EHLO", StringComparison.Ordinal));
        await _app.DisposeAsync();

        await using var impostor = new SmtpStandIn("mail.example.org");
        await StartAsync(impostor);
        await _app.DeliverAsync(NotifyEvents.Registered(_user));
        await AttemptsAsync(1, "%RemoteCertificateNameMismatch%");
        await _app.DisposeAsync();

        // Right name, but nobody whom this machine trusts.
        await using var unknown = new SmtpStandIn();
        await StartAsync(unknown.Port, null);
        await _app.DeliverAsync(NotifyEvents.Registered(_user));
        await AttemptsAsync(1, "%certificate%");
        impostor.Taken.Concat(unknown.Taken).ShouldBeEmpty();
        impostor.Commands.Concat(unknown.Commands).ShouldAllBe(c => c.StartsWith("EHLO", StringComparison.Ordinal) || c == "STARTTLS");
    }

    [Fact]
    public async Task A_wrong_password_does_not_cost_a_mail()
    {
        await using var server = new SmtpStandIn { Authentication = "PLAIN" };
        await StartAsync(server, ("Smtp:User", server.Account.User), ("Smtp:Password", "wrong"));
        await _app!.DeliverAsync(NotifyEvents.Registered(_user));
        await AttemptsAsync(1, "%did not accept user and password: 535%");
        (await HistoryAsync()).GetProperty("status").GetString().ShouldBe("QUEUED");
    }

    [Fact]
    public async Task Without_TLS_mail_is_sent_when_that_is_asked_for()
    {
        await using var server = new SmtpStandIn { OffersStartTls = false };
        await StartAsync(server, ("Smtp:Security", "None"));
        await _app!.DeliverAsync(NotifyEvents.Registered(_user));
        await StatusAsync("SENT");
        server.Taken.ShouldHaveSingleItem().WasSecure.ShouldBeFalse();
    }

    [Fact]
    public async Task An_address_outside_ASCII_needs_a_server_that_takes_it()
    {
        await using var server = new SmtpStandIn();
        await StartAsync(server);
        await _app!.DeliverAsync(NotifyEvents.Registered(_user, email: "zoë@bücher.example"));
        (await StatusAsync("FAILED")).GetProperty("reason").GetString()!.ShouldContain("SMTPUTF8");

        var other = Guid.CreateVersion7();
        await _app.DeliverAsync(NotifyEvents.Registered(other, email: "zoe@bücher.example"));
        await Eventually.TrueAsync(() => Task.FromResult(!server.Taken.IsEmpty), "the mail is sent");
        server.Taken.ShouldHaveSingleItem().To.ShouldBe("zoe@xn--bcher-kva.example");
    }

    private Task StartAsync(SmtpStandIn server, params (string Key, string Value)[] settings) => StartAsync(server.Port, server.Certificate, prefix: null, settings);

    private async Task StartAsync(int port, X509Certificate2? trusted, string? prefix = null, params (string Key, string Value)[] settings)
    {
        var all = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["Notify:FromAddress"] = "learn@example.org",
            ["Notify:Smtp:Host"] = "localhost",
            ["Notify:Smtp:Port"] = port.ToString(CultureInfo.InvariantCulture),
        };
        foreach (var (key, value) in settings)
            all["Notify:" + key] = value;
        _app = await TestApplication.StartAsync(shared.Postgres, prefix, settings: all, services: [new NotifyService()], customize: builder =>
        {
            if (trusted is not null)
                builder.Services.Replace(ServiceDescriptor.Singleton(new SmtpTrust(new X509ChainPolicy
                {
                    TrustMode = X509ChainTrustMode.CustomRootTrust,
                    CustomTrustStore = { trusted },
                    RevocationMode = X509RevocationMode.NoCheck,
                })));
        });
    }

    private async Task<JsonElement> StatusAsync(string status)
    {
        JsonElement notification = default;
        await Eventually.TrueAsync(async () => (notification = await HistoryAsync()).GetProperty("status").GetString() == status, $"the notification is {status}");
        return notification;
    }

    private async Task<JsonElement> HistoryAsync()
    {
        using var client = _app!.ClientOf(_user);
        return (await client.GetFromJsonAsync<JsonElement>("notifications")).GetProperty("items").EnumerateArray().Single();
    }

    private Task AttemptsAsync(int attempts, string error) => Eventually.TrueAsync(
        async () => await _app!.QueryAsync<long>(
            "notify", "select count(*) from jobs where kind = 'notify.send' and attempts = $1 and leased_until is null and failed_at is null and last_error like $2", attempts, error) == 1,
        $"attempt {attempts} fails with {error}");
}
