using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Mneme.Contracts.Identity;
using Mneme.IntegrationTests.Support;
using Mneme.Notify;

namespace Mneme.IntegrationTests.Notify;

/// <summary>Without a mail server, mails are files. The application's clock is moved for late mails, so it is one of these tests' own.</summary>
public sealed class MailFileTests(SharedApplication shared) : IAsyncLifetime
{
    private readonly Guid _user = Guid.CreateVersion7();
    private TestApplication _app = null!;

    public async ValueTask InitializeAsync()
    {
        _app = await TestApplication.StartAsync(
            shared.Postgres, settings: new Dictionary<string, string?>(StringComparer.Ordinal) { ["Http:PublicUrl"] = "https://learn.example.org/mneme/" }, services: [new NotifyService()]);
        // Noon in Berlin: no test runs over midnight.
        _app.Clock.MoveTo(new DateTimeOffset(2027, 3, 1, 11, 0, 0, TimeSpan.Zero));
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task Who_registers_is_welcomed_once_however_often_the_event_comes()
    {
        await _app.DeliverAsync(NotifyEvents.Registered(_user), times: 50);
        // The same fact under another event id.
        await _app.DeliverAsync(NotifyEvents.Registered(_user));

        var mail = (await MailsAsync(1)).Single();
        mail.Subject.ShouldBe("Welcome to Mneme");
        mail.To.ShouldBe($"\"Ada\" <{NotifyEvents.Address(_user)}>");
        mail["From"].ShouldBe("\"Mneme\" <mneme@localhost>");
        mail["MIME-Version"].ShouldBe("1.0");
        mail["Auto-Submitted"].ShouldBe("auto-generated");
        mail["Content-Language"].ShouldBe("en");
        DateTimeOffset.Parse(mail["Date"]!).ShouldBe(_app.Clock.GetUtcNow(), TimeSpan.FromMinutes(1));
        mail.Text.ShouldStartWith("Hello Ada,\n\nMneme turns what you read");
        mail.Text.ShouldContain("https://learn.example.org/mneme/\n");
        mail.Html.ShouldStartWith("<!DOCTYPE html>");
        mail.Html.ShouldContain("<html lang=\"en\"");
        mail.Html.ShouldContain("Hello Ada,");
        mail.Html.ShouldContain("<a href=\"https://learn.example.org/mneme/\"");
        mail.Html.ShouldNotContain("<img");
        mail.Html.ShouldNotContain("url(");
        mail.HeaderNames.ShouldNotContain("List-Unsubscribe");
        await NothingWaitsAsync();
        Files().Length.ShouldBe(1);
    }

    [Theory]
    [InlineData("de", "Willkommen bei Mneme", "Hallo Zoë Ångström,")]
    [InlineData("de-AT", "Willkommen bei Mneme", "Hallo Zoë Ångström,")]
    [InlineData("en-GB", "Welcome to Mneme", "Hello Zoë Ångström,")]
    [InlineData("fr", "Welcome to Mneme", "Hello Zoë Ångström,")]
    public async Task Mails_speak_the_language_of_the_person_and_English_to_others(string locale, string subject, string greeting)
    {
        await _app.DeliverAsync(NotifyEvents.Registered(_user, "Zoë Ångström", locale));

        var mail = (await MailsAsync(1)).Single();
        mail.Subject.ShouldBe(subject);
        mail.Text.ShouldStartWith(greeting);
        WebUtility.HtmlDecode(mail.Html).ShouldContain(greeting);
        mail.To.ShouldBe($"Zoë Ångström <{NotifyEvents.Address(_user)}>");
    }

    [Fact]
    public async Task Due_cards_and_a_streak_at_stake_are_told_once_a_day_in_the_language_of_the_person()
    {
        var now = _app.Clock.GetUtcNow();
        await _app.DeliverAsync(NotifyEvents.Registered(_user, locale: "de"));
        await _app.DeliverAsync(NotifyEvents.Due(_user, now, count: 1234), times: 50);
        await _app.DeliverAsync(NotifyEvents.Due(_user, now, count: 7));
        await _app.DeliverAsync(NotifyEvents.AtStake(_user, now, streak: 12), times: 50);

        var mails = await MailsAsync(3);
        await NothingWaitsAsync();
        Files().Length.ShouldBe(3);
        mails.Select(m => m.Subject).ShouldBe(
            ["Willkommen bei Mneme", "1.234 Karteikarten sind heute fällig", "Deine Serie von 12 Tagen endet heute Nacht"], ignoreOrder: true);
        var reminder = mails.Single(m => m.Subject.Contains("fällig", StringComparison.Ordinal));
        reminder.Html.ShouldContain(">1.234</span>");
        reminder["List-Unsubscribe-Post"].ShouldBe("List-Unsubscribe=One-Click");
        var link = reminder["List-Unsubscribe"]!;
        link.ShouldStartWith("<https://learn.example.org/mneme/api/v1/notifications/unsubscribe/");
        reminder.Text.ShouldContain(link.Trim('<', '>'));
        reminder.Html.ShouldContain(link.Trim('<', '>'));
        mails.Select(m => m["Message-ID"]).Distinct().Count().ShouldBe(3);

        // The next day is another occasion.
        _app.Clock.Advance(TimeSpan.FromDays(1));
        await _app.DeliverAsync(NotifyEvents.Due(_user, _app.Clock.GetUtcNow(), count: 1));
        (await MailsAsync(4)).Select(m => m.Subject).ShouldContain("1 Karteikarte ist heute fällig");
    }

    [Fact]
    public async Task What_comes_before_the_registration_waits_for_it()
    {
        var now = _app.Clock.GetUtcNow();
        await _app.DeliverAsync(NotifyEvents.Due(_user, now));
        await _app.DeliverAsync(NotifyEvents.AtStake(_user, now));
        (await _app.QueryAsync<long>("notify", "select count(*) from jobs where kind = 'notify.send'")).ShouldBe(0);

        // An update may come before the registration, too.
        await _app.DeliverAsync(new UserUpdated(_user, "new@example.org", "Ada", "USER", NotifyEvents.Zone, "en", IsPublic: false, Version: 2));
        (await MailsAsync(2)).ShouldAllBe(m => m.To == "\"Ada\" <new@example.org>");
        await _app.DeliverAsync(NotifyEvents.Registered(_user, "Old name", email: "old@example.org"));
        (await MailsAsync(3)).ShouldAllBe(m => m.To == "\"Ada\" <new@example.org>");
    }

    [Fact]
    public async Task Whoever_comes_first_of_registration_and_reminder_both_mails_are_written()
    {
        var people = Enumerable.Range(0, 20).Select(_ => Guid.CreateVersion7()).ToList();
        var now = _app.Clock.GetUtcNow();
        await Task.WhenAll(people.SelectMany(person => new[] { _app.DeliverAsync(NotifyEvents.Registered(person)), _app.DeliverAsync(NotifyEvents.Due(person, now)) }));

        await MailsAsync(40);
    }

    [Fact]
    public async Task History_and_files_end_with_the_retention_and_nobody_is_welcomed_again()
    {
        await _app.DeliverAsync(NotifyEvents.Registered(_user));
        await _app.DeliverAsync(NotifyEvents.Due(_user, _app.Clock.GetUtcNow()));
        await _app.DeliverAsync(NotifyEvents.Due(Guid.CreateVersion7(), _app.Clock.GetUtcNow()));
        await MailsAsync(2);
        await NothingWaitsAsync();
        _app.Clock.Advance(TimeSpan.FromDays(401));

        await Eventually.TrueAsync(() => Task.FromResult(Files().Length == 0), "the files are removed");
        await Eventually.TrueAsync(
            async () => await _app.QueryAsync<long>("notify", "select count(*) from notifications where kind = 'REMINDER' or mail_file is not null") == 0, "the reminders are removed, also one that nobody registered for, and what led to the files");
        await _app.DeliverAsync(NotifyEvents.Registered(_user));
        (await _app.QueryAsync<long>("notify", "select count(*) from notifications where kind = 'WELCOME' and status = 'SENT' and mail_file is null")).ShouldBe(1);
        (await _app.QueryAsync<long>("notify", "select count(*) from jobs where kind = 'notify.send'")).ShouldBe(0);
    }

    [Fact]
    public async Task What_comes_after_its_day_is_not_sent()
    {
        await _app.DeliverAsync(NotifyEvents.Due(_user, _app.Clock.GetUtcNow()));
        await _app.DeliverAsync(NotifyEvents.Due(_user, _app.Clock.GetUtcNow().AddDays(1), count: 2));
        _app.Clock.Advance(TimeSpan.FromDays(1));
        await _app.DeliverAsync(NotifyEvents.Registered(_user));

        (await MailsAsync(2)).Select(m => m.Subject).ShouldBe(["Welcome to Mneme", "2 flashcards are due today"], ignoreOrder: true);
        await NothingWaitsAsync();
        Files().Length.ShouldBe(2);
        using var client = _app.ClientOf(_user);
        var history = (await client.GetFromJsonAsync<JsonElement>("notifications")).GetProperty("items").EnumerateArray().ToList();
        var late = history.Single(n => n.GetProperty("status").GetString() == "SUPPRESSED");
        late.GetProperty("kind").GetString().ShouldBe("REMINDER");
        late.GetProperty("reason").GetString().ShouldBe("The day was over before it could be sent.");
    }

    [Theory]
    [InlineData("Eve\r\nBcc: x@y.org")]
    [InlineData("Eve\nBcc: x@y.org\n\n<b>hello</b>")]
    [InlineData("Eve\" <evil@example.org>, \"x")]
    [InlineData("=?utf-8?Q?Eve=0D=0ABcc:_x?=")]
    [InlineData("Eve\u2028Bcc: x@y.org")]
    public async Task No_name_can_add_a_header_a_recipient_or_markup(string name)
    {
        await _app.DeliverAsync(NotifyEvents.Registered(_user, name));

        var mail = (await MailsAsync(1)).Single();
        mail.HeaderNames.ShouldBe(["Date", "From", "To", "Subject", "Message-ID", "MIME-Version", "Content-Language", "Auto-Submitted", "Content-Type"]);
        mail.To.ShouldEndWith($" <{NotifyEvents.Address(_user)}>");
        var quoted = mail["To"]![..mail["To"]!.LastIndexOf('<')];
        (quoted.StartsWith("=?utf-8?B?", StringComparison.Ordinal) || quoted.Trim().Trim('"').Replace("\\\"", "") is var inner && !inner.Contains('"')).ShouldBeTrue(mail["To"]);
        mail.Html.ShouldNotContain("<b>");
    }

    [Theory]
    [InlineData("Win at https://evil.example")]
    [InlineData("www.evil.example")]
    public async Task A_name_that_would_become_a_link_is_not_in_the_mail(string name)
    {
        await _app.DeliverAsync(NotifyEvents.Registered(_user, name));

        var mail = (await MailsAsync(1)).Single();
        mail.Text.ShouldStartWith("Hello,\n");
        (mail.Text + mail.Html).ShouldNotContain("evil.example");
    }

    [Fact]
    public async Task Files_sort_by_time_and_only_their_owner_can_read_them()
    {
        await _app.DeliverAsync(NotifyEvents.Registered(_user));
        await MailsAsync(1);
        _app.Clock.Advance(TimeSpan.FromSeconds(2));
        await _app.DeliverAsync(NotifyEvents.Registered(Guid.CreateVersion7(), locale: "de"));

        (await MailsAsync(2)).Select(m => m.Subject).ShouldBe(["Welcome to Mneme", "Willkommen bei Mneme"]);
        Path.GetFileName(Files()[0]).ShouldMatch("^20270301T1100[0-9]{2}Z-[0-9a-f]{32}[.]eml$");
        File.GetUnixFileMode(Path.Combine(_app.DataFolder, "mail")).ShouldBe((UnixFileMode)0b111_000_000);
        File.GetUnixFileMode(Files()[0]).ShouldBe((UnixFileMode)0b110_000_000);
    }

    [Fact]
    public async Task A_folder_that_cannot_be_written_delays_the_mail()
    {
        await File.WriteAllTextAsync(Path.Combine(_app.DataFolder, "mail"), "in the way", TestContext.Current.CancellationToken);
        await _app.DeliverAsync(NotifyEvents.Registered(_user));
        await Eventually.TrueAsync(
            async () => await _app.QueryAsync<long>("notify", "select count(*) from jobs where kind = 'notify.send' and attempts = 1 and last_error like 'MailDelayed%' and leased_until is null") == 1,
            "the first attempt has failed");

        File.Delete(Path.Combine(_app.DataFolder, "mail"));
        _app.Clock.Advance(TimeSpan.FromMinutes(1));
        (await MailsAsync(1)).Single().Subject.ShouldBe("Welcome to Mneme");
    }

    [Fact]
    public async Task Administrators_list_and_read_the_mails_and_nobody_else_does()
    {
        for (var i = 0; i < 3; i++)
            await _app.DeliverAsync(NotifyEvents.Registered(Guid.CreateVersion7(), $"Person {i}"));
        await MailsAsync(3);
        await NothingWaitsAsync();

        using var admin = _app.Admin();
        var first = await admin.GetFromJsonAsync<JsonElement>("admin/mail?limit=2");
        var second = await admin.GetFromJsonAsync<JsonElement>($"admin/mail?limit=2&cursor={first.GetProperty("nextCursor").GetString()}");
        second.GetProperty("nextCursor").ValueKind.ShouldBe(JsonValueKind.Null);
        var items = first.GetProperty("items").EnumerateArray().Concat(second.GetProperty("items").EnumerateArray()).ToList();
        items.Select(m => m.GetProperty("file").GetString()).ShouldBe(Files().Select(Path.GetFileName).Reverse());
        items[0].GetProperty("subject").GetString().ShouldBe("Welcome to Mneme");
        var response = await admin.GetAsync($"admin/mail/{items[0].GetProperty("id").GetGuid()}");
        response.Content.Headers.ContentType!.MediaType.ShouldBe("message/rfc822");
        response.Content.Headers.ContentDisposition!.DispositionType.ShouldBe("attachment");
        (await response.Content.ReadAsStringAsync()).ShouldBe(await File.ReadAllTextAsync(Files()[^1]));
        (await admin.GetAsync($"admin/mail/{Guid.NewGuid()}")).StatusCode.ShouldBe(HttpStatusCode.NotFound);

        using var user = _app.ClientOf(_user);
        (await user.GetAsync("admin/mail")).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await user.GetAsync($"admin/mail/{items[0].GetProperty("id").GetGuid()}")).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    private string[] Files() => Directory.Exists(Path.Combine(_app.DataFolder, "mail")) ? [.. Directory.GetFiles(Path.Combine(_app.DataFolder, "mail"), "*.eml").Order(StringComparer.Ordinal)] : [];

    private async Task<List<ParsedMail>> MailsAsync(int count)
    {
        await Eventually.TrueAsync(() => Task.FromResult(Files().Length >= count), $"{count} mails are written");
        Files().Length.ShouldBe(count);
        return [.. Files().Select(file => new ParsedMail(File.ReadAllText(file)))];
    }

    private Task NothingWaitsAsync() => Eventually.TrueAsync(
        async () => await _app.QueryAsync<long>("notify", "select count(*) from jobs where kind = 'notify.send'") == 0, "the queue is empty");
}
