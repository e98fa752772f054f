using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Mneme.Contracts.Channels;
using static Mneme.IntegrationTests.Channels.ChannelsApi;

namespace Mneme.IntegrationTests.Channels;

[Collection(ChannelsTests.Name)]
public sealed class ManageChannelTests(ChannelsApplication channels)
{
    private const string PublicKey = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";

    [Theory]
    [InlineData("EMAIL_INBOX", null, null, "email", true)]
    [InlineData("WEBHOOK", null, null, "webhook", true)]
    [InlineData("TELEGRAM", null, null, "telegram", true)]
    [InlineData("DISCORD", null, PublicKey, "discord", false)]
    [InlineData("RSS", "https://feeds.example.org/rivers", null, null, false)]
    public async Task A_registered_channel_says_where_to_deliver_and_shows_its_secret_once(string type, string? url, string? publicKey, string? inbox, bool hasSecret)
    {
        using var person = channels.NewPerson();
        using var response = await person.PostAsync(type, "  Rivers \n and lakes", url, publicKey);
        response.StatusCode.ShouldBe(HttpStatusCode.Created);
        var channel = await JsonAsync(response);
        response.Headers.Location!.ToString().ShouldBe($"/api/v1/channels/{IdOf(channel)}");
        response.Headers.ETag!.Tag.ShouldBe("\"1\"");
        (channel["type"]!.GetValue<string>(), channel["name"]!.GetValue<string>(), channel["status"]!.GetValue<string>()).ShouldBe((type, "Rivers and lakes", "ACTIVE"));
        (channel["url"]?.GetValue<string>(), channel["publicKey"]?.GetValue<string>()).ShouldBe((url, publicKey));
        if (inbox is null)
            channel["inbox"].ShouldBeNull();
        else
            InboxOf(channel).ShouldMatch($"^/api/v1/channels/{inbox}/[A-Za-z0-9_-]{{22}}$");
        (channel["secret"] is not null).ShouldBe(hasSecret);

        var again = await person.GetAsync($"channels/{IdOf(channel)}");
        again["secret"].ShouldBeNull();
        again["inbox"]?.GetValue<string>().ShouldBe(channel["inbox"]?.GetValue<string>());
        var published = (await channels.PublishedAsync<ChannelRegistered>(person.UserId)).ShouldHaveSingleItem();
        published.ShouldBe(new ChannelRegistered(person.UserId, IdOf(channel), type, "Rivers and lakes", 1));
    }

    [Theory]
    [InlineData("FAX", "News", null, null, "type")]
    [InlineData("WEBHOOK", "", null, null, "name")]
    [InlineData("WEBHOOK", "\u0007", null, null, "name")]
    [InlineData("WEBHOOK", "News", "https://example.org", null, "url")]
    [InlineData("RSS", "News", null, null, "url")]
    [InlineData("RSS", "News", "file:///etc/passwd", null, "url")]
    [InlineData("DISCORD", "News", null, "abc", "publicKey")]
    [InlineData("DISCORD", "News", null, null, "publicKey")]
    public async Task A_wrong_registration_says_which_field_is_wrong(string type, string name, string? url, string? publicKey, string field)
    {
        using var person = channels.NewPerson();
        using var response = await person.PostAsync(type, name, url, publicKey);
        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await JsonAsync(response))["errors"]!.AsObject().Select(e => e.Key).ShouldBe([field]);
        (await person.GetAsync("channels"))["items"]!.AsArray().ShouldBeEmpty();
    }

    [Theory]
    [InlineData("http://127.0.0.1/feed")]
    [InlineData("http://[::1]/feed")]
    [InlineData("http://169.254.169.254/latest/meta-data")]
    [InlineData("https://example.org:8443/feed")]
    public async Task A_feed_that_is_not_on_the_public_web_is_refused(string url)
    {
        using var person = channels.NewPerson();
        using var response = await person.PostAsync("RSS", url: url);
        response.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await JsonAsync(response))["code"]!.GetValue<string>().ShouldBe("address-refused");
    }

    [Fact]
    public async Task The_same_Idempotency_Key_registers_once_and_answers_the_same()
    {
        using var person = channels.NewPerson();
        var answers = new List<string>();
        for (var i = 0; i < 2; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "channels") { Content = JsonContent.Create(new { type = "WEBHOOK", name = "News" }), Headers = { { "Idempotency-Key", "one" } } };
            using var response = await person.Http.SendAsync(request);
            response.StatusCode.ShouldBe(HttpStatusCode.Created);
            answers.Add(JsonNode.Parse(await response.Content.ReadAsStringAsync())!.ToJsonString());
        }

        answers[1].ShouldBe(answers[0]);
        (await person.GetAsync("channels/count"))["total"]!.GetValue<int>().ShouldBe(1);
    }

    [Fact]
    public async Task Limits_hold_for_each_type_and_for_all_even_at_once()
    {
        using var person = channels.NewPerson();
        var codes = await Task.WhenAll(Enumerable.Range(0, 10).Select(async _ =>
        {
            using var response = await person.PostAsync("WEBHOOK");
            return response.StatusCode;
        }));
        codes.Count(code => code == HttpStatusCode.Created).ShouldBe(ChannelsApplication.MaxChannelsPerType);
        codes.Count(code => code == HttpStatusCode.UnprocessableEntity).ShouldBe(10 - ChannelsApplication.MaxChannelsPerType);
        await person.RegisterAsync("TELEGRAM");
        await person.RegisterAsync("EMAIL_INBOX");
        using (var response = await person.PostAsync("TELEGRAM"))
            (await JsonAsync(response))["code"]!.GetValue<string>().ShouldBe("too-many-channels");

        var count = await person.GetAsync("channels/count");
        (count["total"]!.GetValue<int>(), count["maxTotal"]!.GetValue<int>()).ShouldBe((6, 6));
        (count["byType"]!["WEBHOOK"]!.GetValue<int>(), count["byType"]!["RSS"]!.GetValue<int>()).ShouldBe((4, 0));
    }

    [Fact]
    public async Task Channels_are_listed_newest_first_in_pages_by_type_and_status()
    {
        using var person = channels.NewPerson();
        var ids = new List<Guid>();
        foreach (var type in new[] { "WEBHOOK", "TELEGRAM", "WEBHOOK", "EMAIL_INBOX" })
            ids.Add(IdOf(await person.RegisterAsync(type)));
        await person.StatusAsync(HttpMethod.Post, $"channels/{ids[0]}/pause");
        ids.Reverse();

        (await ListAsync(person, "")).ShouldBe(ids);
        (await ListAsync(person, "type=WEBHOOK")).ShouldBe([ids[1], ids[3]]);
        (await ListAsync(person, "status=PAUSED")).ShouldBe([ids[3]]);
        (await ListAsync(person, "type=WEBHOOK&status=ACTIVE")).ShouldBe([ids[1]]);
        (await person.StatusAsync(HttpMethod.Get, "channels?type=FAX")).ShouldBe(HttpStatusCode.BadRequest);
        (await person.StatusAsync(HttpMethod.Get, "channels?status=ON")).ShouldBe(HttpStatusCode.BadRequest);
        (await person.StatusAsync(HttpMethod.Get, "channels?cursor=eA")).ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task Changes_honour_the_version_that_was_read_and_stand_in_the_history()
    {
        using var person = channels.NewPerson();
        var channel = await person.RegisterAsync("WEBHOOK", "First");
        var path = $"channels/{IdOf(channel)}";
        using (var renamed = await person.SendAsync(HttpMethod.Patch, path, new { name = "Second" }, ifMatch: "\"1\""))
        {
            renamed.StatusCode.ShouldBe(HttpStatusCode.OK);
            renamed.Headers.ETag!.Tag.ShouldBe("\"2\"");
            (await JsonAsync(renamed))["name"]!.GetValue<string>().ShouldBe("Second");
        }

        (await person.StatusAsync(HttpMethod.Patch, path, new { name = "Third" }, ifMatch: "\"1\"")).ShouldBe(HttpStatusCode.PreconditionFailed);
        (await person.StatusAsync(HttpMethod.Post, path + "/pause", ifMatch: "\"1\"")).ShouldBe(HttpStatusCode.PreconditionFailed);
        (await person.StatusAsync(HttpMethod.Post, path + "/pause")).ShouldBe(HttpStatusCode.OK);
        (await person.StatusAsync(HttpMethod.Post, path + "/pause")).ShouldBe(HttpStatusCode.OK);
        (await person.StatusAsync(HttpMethod.Post, path + "/resume")).ShouldBe(HttpStatusCode.OK);
        (await person.StatusAsync(HttpMethod.Post, path + "/rotate-secret")).ShouldBe(HttpStatusCode.OK);
        (await person.StatusAsync(HttpMethod.Delete, path, ifMatch: "\"2\"")).ShouldBe(HttpStatusCode.PreconditionFailed);

        var history = (await person.GetAsync(path + "/history"))["items"]!.AsArray();
        history.Select(h => (h!["version"]!.GetValue<long>(), h["change"]!.GetValue<string>(), h["name"]?.GetValue<string>())).ShouldBe([
            (1, "REGISTERED", "First"), (2, "RENAMED", "Second"), (3, "PAUSED", null), (4, "RESUMED", null), (5, "SECRET_ROTATED", null)]);
        history.ToJsonString().ShouldNotContain(SecretOf(channel));
        var page = await person.GetAsync(path + "/history?limit=2");
        var next = await person.GetAsync($"{path}/history?limit=2&cursor={page["nextCursor"]!.GetValue<string>()}");
        next["items"]!.AsArray().Select(h => h!["version"]!.GetValue<long>()).ShouldBe([3, 4]);

        using var unchanged = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { { "If-None-Match", "\"5\"" } } };
        using var notModified = await person.Http.SendAsync(unchanged);
        notModified.StatusCode.ShouldBe(HttpStatusCode.NotModified);
    }

    [Fact]
    public async Task A_new_secret_takes_the_place_of_the_old_one()
    {
        using var person = channels.NewPerson();
        var channel = await person.RegisterAsync("WEBHOOK");
        using var response = await person.SendAsync(HttpMethod.Post, $"channels/{IdOf(channel)}/rotate-secret");
        var rotated = await JsonAsync(response);
        SecretOf(rotated).ShouldNotBe(SecretOf(channel));
        (await person.OutcomeAsync(person.SayAsync(channel, "With the old one"))).Code.ShouldBe(HttpStatusCode.Unauthorized);
        (await person.OutcomeAsync(person.SayAsync(rotated, "With the new one"))).ShouldBe((HttpStatusCode.OK, "RECEIVED"));

        var feed = await person.RegisterAsync("RSS", url: "https://feeds.example.org/rivers");
        (await person.StatusAsync(HttpMethod.Post, $"channels/{IdOf(feed)}/rotate-secret")).ShouldBe(HttpStatusCode.Conflict);
    }

    [Fact]
    public async Task A_deleted_channel_takes_its_messages_and_its_address_with_it()
    {
        using var person = channels.NewPerson();
        var channel = await person.RegisterAsync("WEBHOOK");
        await person.OutcomeAsync(person.SayAsync(channel, "Rivers carry water."));
        (await person.StatusAsync(HttpMethod.Delete, $"channels/{IdOf(channel)}")).ShouldBe(HttpStatusCode.NoContent);
        foreach (var path in new[] { "", "/history", "/messages" })
            (await person.StatusAsync(HttpMethod.Get, $"channels/{IdOf(channel)}{path}")).ShouldBe(HttpStatusCode.NotFound);
        (await person.StatusAsync(HttpMethod.Delete, $"channels/{IdOf(channel)}")).ShouldBe(HttpStatusCode.NotFound);
        (await person.OutcomeAsync(person.SayAsync(channel, "Too late"))).Code.ShouldBe(HttpStatusCode.Unauthorized);
        foreach (var table in new[] { "messages", "message_keys", "channel_events", "feeds" })
            (await channels.App.QueryAsync<long>("channels", $"select count(*) from {table} where channel_id = $1", IdOf(channel))).ShouldBe(0, table);
    }

    [Fact]
    public async Task Security_relevant_acts_are_recorded_without_secrets()
    {
        using var person = channels.NewPerson();
        var channel = await person.RegisterAsync("WEBHOOK");
        await person.StatusAsync(HttpMethod.Post, $"channels/{IdOf(channel)}/rotate-secret");
        for (var i = 0; i < 5; i++)
            await person.OutcomeAsync(person.SayAsync(channel, "With the old secret"));
        await person.StatusAsync(HttpMethod.Delete, $"channels/{IdOf(channel)}");
        var recorded = await channels.App.QueryAsync<string>(
            "channels", "select string_agg(action || ' ' || outcome || ' ' || (actor_id is not null) || ' ' || address, ', ' order by id) from audit where subject_id = $1", IdOf(channel));
        recorded.ShouldBe(
            "channel.registered success true 127.0.0.1, channel.secret-rotated success true 127.0.0.1, channel.delivery-refused delivery-unproven false 127.0.0.1, channel.deleted success true 127.0.0.1");
    }

    private static async Task<List<Guid>> ListAsync(ChannelsApi person, string query)
    {
        var ids = new List<Guid>();
        string? cursor = null;
        do
        {
            var page = await person.GetAsync($"channels?limit=3&{query}{(cursor is null ? "" : "&cursor=" + cursor)}");
            ids.AddRange(page["items"]!.AsArray().Select(item => IdOf(item!)));
            cursor = page["nextCursor"]?.GetValue<string>();
        }
        while (cursor is not null);
        return ids;
    }
}
