using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Mneme.IntegrationTests.Support;

namespace Mneme.IntegrationTests.Notify;

public sealed class PreferenceTests(SharedApplication shared)
{
    private readonly Guid _user = Guid.CreateVersion7();

    private TestApplication App => shared.App;

    /// <summary>The clock is the real one: what concerns today would be late if midnight came before it was sent.</summary>
    private DateTimeOffset Tomorrow => App.Clock.GetUtcNow().AddDays(1);

    [Fact]
    public async Task Everything_is_on_until_it_is_turned_off_and_the_welcome_stays()
    {
        using var client = App.ClientOf(_user);
        var response = await client.GetAsync("notifications/preferences");
        response.Headers.ETag!.Tag.ShouldBe("\"0\"");
        Kinds(await response.Content.ReadFromJsonAsync<JsonElement>()).ShouldBe([("WELCOME", true, false), ("REMINDER", true, true), ("STREAK_WARNING", true, true)]);

        var changed = await PutAsync(client, "\"0\"", ("STREAK_WARNING", false));
        changed.Headers.ETag!.Tag.ShouldBe("\"1\"");
        Kinds(await client.GetFromJsonAsync<JsonElement>("notifications/preferences")).ShouldBe([("WELCOME", true, false), ("REMINDER", true, true), ("STREAK_WARNING", false, true)]);

        (await PutAsync(client, "\"0\"", ("STREAK_WARNING", true))).StatusCode.ShouldBe(HttpStatusCode.PreconditionFailed);
        (await PutAsync(client, null, ("WELCOME", false))).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await PutAsync(client, null, ("REMINDER", false), ("REMINDER", true))).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await PutAsync(client, null, ("SPAM", false))).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await client.PutAsJsonAsync("notifications/preferences", new { })).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await client.PutAsJsonAsync("notifications/preferences", new { kinds = new object?[] { null } })).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await PutAsync(client, "\"1\"", ("REMINDER", false), ("STREAK_WARNING", true), ("WELCOME", true))).StatusCode.ShouldBe(HttpStatusCode.OK);
        var last = await client.GetFromJsonAsync<JsonElement>("notifications/preferences");
        Kinds(last).ShouldBe([("WELCOME", true, false), ("REMINDER", false, true), ("STREAK_WARNING", true, true)]);
        last.GetProperty("version").GetInt64().ShouldBe(2);
    }

    [Fact]
    public async Task A_kind_that_is_turned_off_is_not_sent()
    {
        using var client = App.ClientOf(_user);
        (await PutAsync(client, null, ("REMINDER", false))).StatusCode.ShouldBe(HttpStatusCode.OK);
        await App.DeliverAsync(NotifyEvents.Registered(_user));
        await App.DeliverAsync(NotifyEvents.Due(_user, Tomorrow));
        await App.DeliverAsync(NotifyEvents.AtStake(_user, Tomorrow));

        var history = await HistoryAsync(client, 3);
        history.ShouldBe(
            [("WELCOME", "SENT", "Welcome to Mneme"), ("REMINDER", "SUPPRESSED", null), ("STREAK_WARNING", "SENT", "Your streak of 12 days ends tonight")], ignoreOrder: true);
    }

    [Fact]
    public async Task Nobody_sees_or_changes_what_is_anothers()
    {
        using var owner = App.ClientOf(_user);
        await PutAsync(owner, null, ("REMINDER", false));
        await App.DeliverAsync(NotifyEvents.Registered(_user));
        await HistoryAsync(owner, 1);

        using var stranger = App.ClientOf(Guid.CreateVersion7());
        (await stranger.GetFromJsonAsync<JsonElement>("notifications")).GetProperty("items").GetArrayLength().ShouldBe(0);
        (await stranger.GetFromJsonAsync<JsonElement>("notifications/preferences")).GetProperty("version").GetInt64().ShouldBe(0);
        (await PutAsync(stranger, null, ("REMINDER", true))).StatusCode.ShouldBe(HttpStatusCode.OK);
        Kinds(await owner.GetFromJsonAsync<JsonElement>("notifications/preferences"))[1].ShouldBe(("REMINDER", false, true));
        using var nobody = App.Anonymous();
        (await nobody.GetAsync("notifications")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await nobody.GetAsync("notifications/preferences")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task The_history_has_pages_the_latest_first()
    {
        using var client = App.ClientOf(_user);
        await App.DeliverAsync(NotifyEvents.Registered(_user));
        await App.DeliverAsync(NotifyEvents.Due(_user, Tomorrow));
        await App.DeliverAsync(NotifyEvents.AtStake(_user, Tomorrow));
        await HistoryAsync(client, 3);

        var first = await client.GetFromJsonAsync<JsonElement>("notifications?limit=2");
        var second = await client.GetFromJsonAsync<JsonElement>($"notifications?limit=2&cursor={first.GetProperty("nextCursor").GetString()}");
        second.GetProperty("nextCursor").ValueKind.ShouldBe(JsonValueKind.Null);
        first.GetProperty("items").EnumerateArray().Concat(second.GetProperty("items").EnumerateArray()).Select(n => n.GetProperty("createdAt").GetDateTimeOffset())
            .ShouldBeInOrder(SortDirection.Descending);
        (await client.GetAsync("notifications?cursor=eHh4")).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task One_click_ends_one_kind_and_following_the_link_alone_does_not()
    {
        using var client = App.ClientOf(_user);
        await App.DeliverAsync(NotifyEvents.Registered(_user, locale: "de"));
        await App.DeliverAsync(NotifyEvents.Due(_user, Tomorrow));
        await HistoryAsync(client, 2);
        var link = await UnsubscribeLinkAsync("fällig");

        using var anybody = App.Anonymous();
        var page = await anybody.GetAsync(link);
        page.StatusCode.ShouldBe(HttpStatusCode.OK);
        page.Content.Headers.ContentType!.ToString().ShouldBe("text/html; charset=utf-8");
        var html = await page.Content.ReadAsStringAsync();
        WebUtility.HtmlDecode(html).ShouldContain("Möchtest du keine Erinnerungen");
        html.ShouldContain("<form method=\"post\">");
        var nonce = html.Split("nonce=\"")[1].Split('"')[0];
        WebUtility.HtmlDecode(nonce).ShouldBe(page.Headers.GetValues("Content-Security-Policy").Single().Split("'nonce-")[1].Split('\'')[0]);
        Kinds(await client.GetFromJsonAsync<JsonElement>("notifications/preferences"))[1].ShouldBe(("REMINDER", true, true));

        for (var i = 0; i < 2; i++)
        {
            using var form = new FormUrlEncodedContent([new("List-Unsubscribe", "One-Click")]);
            (await anybody.PostAsync(link, form)).StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        var preferences = await client.GetFromJsonAsync<JsonElement>("notifications/preferences");
        Kinds(preferences).ShouldBe([("WELCOME", true, false), ("REMINDER", false, true), ("STREAK_WARNING", true, true)]);
        preferences.GetProperty("version").GetInt64().ShouldBe(1);
        await App.DeliverAsync(NotifyEvents.Due(_user, Tomorrow.AddDays(1)));
        (await HistoryAsync(client, 3)).ShouldContain(("REMINDER", "SUPPRESSED", null));

        // RFC 8058 allows the other form of forms, too.
        using var multipart = new MultipartFormDataContent { { new StringContent("One-Click"), "List-Unsubscribe" } };
        (await anybody.PostAsync(link, multipart)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_token_that_was_tampered_with_opens_nothing()
    {
        using var client = App.ClientOf(_user);
        await App.DeliverAsync(NotifyEvents.Registered(_user));
        await App.DeliverAsync(NotifyEvents.Due(_user, Tomorrow));
        await HistoryAsync(client, 2);
        var token = (await UnsubscribeLinkAsync("due today")).Segments[^1];

        using var anybody = App.Anonymous();
        // The kind, the person, the signature, the length, the alphabet.
        string[] forged = [Flip(token, 22), Flip(token, 3), Flip(token, 50), token[..^1], token + "A", token[..^1] + "!", "x"];
        foreach (var wrong in forged)
        {
            (await anybody.GetAsync($"notifications/unsubscribe/{wrong}")).StatusCode.ShouldBe(HttpStatusCode.NotFound, wrong);
            using var form = new FormUrlEncodedContent([new("List-Unsubscribe", "One-Click")]);
            var response = await anybody.PostAsync($"notifications/unsubscribe/{wrong}", form);
            response.StatusCode.ShouldBe(HttpStatusCode.NotFound, wrong);
        }

        (await client.GetFromJsonAsync<JsonElement>("notifications/preferences")).GetProperty("version").GetInt64().ShouldBe(0);
    }

    private static string Flip(string token, int index) => token[..index] + (token[index] == 'B' ? 'C' : 'B') + token[(index + 1)..];

    private async Task<Uri> UnsubscribeLinkAsync(string subject)
    {
        var file = await App.QueryAsync<string>("notify", "select mail_file from notifications where user_id = $1 and subject like $2", _user, $"%{subject}%");
        var header = new ParsedMail(await File.ReadAllTextAsync(Path.Combine(App.DataFolder, "mail", file!)))["List-Unsubscribe"]!;
        return new Uri(App.Address, new Uri(header.Trim('<', '>')).AbsolutePath);
    }

    /// <summary>Waits until nothing is queued any more.</summary>
    private static async Task<List<(string Kind, string Status, string? Subject)>> HistoryAsync(HttpClient client, int count)
    {
        List<(string Kind, string Status, string? Subject)> history = [];
        await Eventually.TrueAsync(
            async () =>
            {
                history = [.. (await client.GetFromJsonAsync<JsonElement>("notifications")).GetProperty("items").EnumerateArray()
                    .Select(n => (n.GetProperty("kind").GetString()!, n.GetProperty("status").GetString()!, n.GetProperty("subject").GetString()))];
                return history.Count == count && history.TrueForAll(n => n.Status != "QUEUED");
            },
            $"{count} notifications are dealt with");
        return history;
    }

    private static List<(string, bool, bool)> Kinds(JsonElement preferences) => [.. preferences.GetProperty("kinds").EnumerateArray()
        .Select(k => (k.GetProperty("kind").GetString()!, k.GetProperty("enabled").GetBoolean(), k.GetProperty("changeable").GetBoolean()))];

    private static async Task<HttpResponseMessage> PutAsync(HttpClient client, string? ifMatch, params (string Kind, bool Enabled)[] kinds)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, "notifications/preferences")
        {
            Content = JsonContent.Create(new { kinds = kinds.Select(k => new { kind = k.Kind, enabled = k.Enabled }) }),
        };
        if (ifMatch is not null)
            request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        return await client.SendAsync(request);
    }
}
