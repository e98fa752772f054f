using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Mneme.Contracts.Channels;
using static Mneme.IntegrationTests.Channels.ChannelsApi;

namespace Mneme.IntegrationTests.Channels;

/// <summary>Webhooks, Telegram and mail: what proves itself is received once, and what does not learns nothing.</summary>
[Collection(ChannelsTests.Name)]
public sealed class ReceiveMessageTests(ChannelsApplication channels)
{
    [Fact]
    public async Task A_signed_webhook_is_received_and_told()
    {
        using var person = channels.NewPerson();
        var channel = await person.RegisterAsync("WEBHOOK", "Rivers");
        var body = Encoding.UTF8.GetBytes("""{"text": "The Danube is 2,850 km long.", "title": "Danube", "url": "https://example.org/danube", "more": [1, 2]}""");
        (await person.OutcomeAsync(person.DeliverAsync(InboxOf(channel), body, person.Sign(SecretOf(channel), body)))).ShouldBe((HttpStatusCode.OK, "RECEIVED"));

        var message = (await person.GetAsync($"channels/{IdOf(channel)}/messages"))["items"]!.AsArray().ShouldHaveSingleItem()!;
        (message["title"]!.GetValue<string>(), message["text"]!.GetValue<string>(), message["url"]!.GetValue<string>())
            .ShouldBe(("Danube", "The Danube is 2,850 km long.", "https://example.org/danube"));
        var told = (await channels.PublishedAsync<ChannelMessageReceived>(person.UserId)).ShouldHaveSingleItem();
        told.ShouldBe(new ChannelMessageReceived(
            person.UserId, IdOf(channel), message["id"]!.GetValue<Guid>(), "WEBHOOK", "Rivers", "Danube", "The Danube is 2,850 km long.", "https://example.org/danube", told.ReceivedAt, 1));
    }

    [Fact]
    public async Task A_message_that_is_delivered_fifty_times_at_once_is_received_once()
    {
        using var person = channels.NewPerson();
        var channel = await person.RegisterAsync("WEBHOOK");
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => person.OutcomeAsync(person.SayAsync(channel, "Rivers carry water.", id: "msg_1"))));
        outcomes.Count(o => o == (HttpStatusCode.OK, "RECEIVED")).ShouldBe(1);
        outcomes.Count(o => o == (HttpStatusCode.OK, "DUPLICATE")).ShouldBe(49);
        (await person.MessagesAsync(channel)).ShouldBe(["Rivers carry water."]);
        await channels.OutboxEmptyAsync();
        channels.PublishedSoFar<ChannelMessageReceived>(person.UserId).Count.ShouldBe(1);
    }

    [Fact]
    public async Task The_same_id_in_another_channel_is_another_message()
    {
        using var person = channels.NewPerson();
        foreach (var channel in new[] { await person.RegisterAsync("WEBHOOK"), await person.RegisterAsync("WEBHOOK") })
            (await person.OutcomeAsync(person.SayAsync(channel, "Rivers carry water.", id: "msg_1"))).ShouldBe((HttpStatusCode.OK, "RECEIVED"));
    }

    [Fact]
    public async Task Who_does_not_have_the_secret_does_not_learn_whether_there_is_a_channel()
    {
        using var person = channels.NewPerson();
        var webhook = await person.RegisterAsync("WEBHOOK");
        var other = await person.RegisterAsync("WEBHOOK");
        var telegram = await person.RegisterAsync("TELEGRAM");
        var body = Encoding.UTF8.GetBytes("""{"text": "x"}""");
        var now = channels.App.Clock.GetUtcNow();
        var good = person.Sign(SecretOf(webhook), body);
        string unknown = "/api/v1/channels/webhook/" + new string('A', 22);
        (string Inbox, byte[] Body, (string, string)[] Headers)[] deliveries =
        [
            (unknown, body, good),
            ("/api/v1/channels/webhook/short", body, good),
            ("/api/v1/channels/webhook/%C3%A4" + new string('A', 21), body, good),
            ("/api/v1/channels/webhook/" + new string('A', 3000), body, good),
            (InboxOf(telegram).Replace("telegram", "webhook", StringComparison.Ordinal), body, good),
            (InboxOf(webhook).Replace("webhook", "telegram", StringComparison.Ordinal), body, good),
            (InboxOf(webhook).Replace("webhook", "email", StringComparison.Ordinal), body, [("X-Channel-Secret", SecretOf(webhook))]),
            (InboxOf(webhook).Replace("webhook", "discord", StringComparison.Ordinal), body, good),
            (InboxOf(webhook), body, []),
            (InboxOf(webhook), body, person.Sign(SecretOf(other), body)),
            (InboxOf(webhook), Encoding.UTF8.GetBytes("""{"text": "y"}"""), good),
            (InboxOf(webhook), body, person.Sign(SecretOf(webhook), body, at: now.AddMinutes(-6))),
            (InboxOf(webhook), body, person.Sign(SecretOf(webhook), body, at: now.AddMinutes(6))),
            (InboxOf(telegram), body, [("X-Telegram-Bot-Api-Secret-Token", "guess")]),
            (InboxOf(telegram), body, []),
        ];
        var answers = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (inbox, content, headers) in deliveries)
        {
            using var response = await person.DeliverAsync(inbox, content, headers);
            response.StatusCode.ShouldBe(HttpStatusCode.Unauthorized, inbox);
            var problem = (await JsonAsync(response)).AsObject();
            problem.Remove("instance");
            problem.Remove("traceId");
            answers.Add(problem.ToJsonString());
        }

        answers.ShouldHaveSingleItem();
        (await person.MessagesAsync(webhook)).ShouldBeEmpty();
        // And the one that is right still is.
        (await person.OutcomeAsync(person.DeliverAsync(InboxOf(webhook), body, good))).ShouldBe((HttpStatusCode.OK, "RECEIVED"));
    }

    [Theory]
    [InlineData("not JSON", "body")]
    [InlineData("""{"title": "no text"}""", "text")]
    [InlineData("""{"text": 1}""", "text")]
    [InlineData("", "body")]
    public async Task A_genuine_delivery_that_cannot_be_read_is_told_why_and_may_be_repeated(string malformed, string field)
    {
        using var person = channels.NewPerson();
        var channel = await person.RegisterAsync("WEBHOOK");
        var body = Encoding.UTF8.GetBytes(malformed);
        using var response = await person.DeliverAsync(InboxOf(channel), body, person.Sign(SecretOf(channel), body, id: "msg_1"));
        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await JsonAsync(response))["errors"]!.AsObject().Select(e => e.Key).ShouldBe([field]);
        (await person.OutcomeAsync(person.SayAsync(channel, "Now in order", id: "msg_1"))).ShouldBe((HttpStatusCode.OK, "RECEIVED"));
    }

    [Fact]
    public async Task A_message_that_says_nothing_is_not_kept()
    {
        using var person = channels.NewPerson();
        var channel = await person.RegisterAsync("WEBHOOK");
        (await person.OutcomeAsync(person.SayAsync(channel, " \n\u200e\t".Replace("\u200e", "", StringComparison.Ordinal)))).ShouldBe((HttpStatusCode.OK, "IGNORED"));
        (await person.MessagesAsync(channel)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_paused_channel_accepts_and_does_not_keep()
    {
        using var person = channels.NewPerson();
        var channel = await person.RegisterAsync("WEBHOOK");
        await person.StatusAsync(HttpMethod.Post, $"channels/{IdOf(channel)}/pause");
        (await person.OutcomeAsync(person.SayAsync(channel, "Meanwhile", id: "msg_1"))).ShouldBe((HttpStatusCode.Accepted, "PAUSED"));
        await person.StatusAsync(HttpMethod.Post, $"channels/{IdOf(channel)}/resume");
        (await person.MessagesAsync(channel)).ShouldBeEmpty();
        (await person.OutcomeAsync(person.SayAsync(channel, "Again", id: "msg_1"))).ShouldBe((HttpStatusCode.OK, "RECEIVED"));
    }

    [Fact]
    public async Task A_channel_takes_so_many_messages_a_day_and_no_more()
    {
        using var person = channels.NewPerson();
        var channel = await person.RegisterAsync("WEBHOOK");
        for (var i = 0; i < ChannelsApplication.MaxMessagesPerDay; i++)
            (await person.OutcomeAsync(person.SayAsync(channel, $"Message {i}", id: $"msg_{i}"))).ShouldBe((HttpStatusCode.OK, "RECEIVED"));
        using (var refused = await person.SayAsync(channel, "Too many", id: "msg_last"))
        {
            refused.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
            refused.Headers.RetryAfter.ShouldNotBeNull();
        }

        // What it refused it does not know, so that it may come again; what it has it knows.
        (await person.OutcomeAsync(person.SayAsync(channel, "Too many", id: "msg_last"))).Code.ShouldBe(HttpStatusCode.TooManyRequests);
        (await person.OutcomeAsync(person.SayAsync(channel, "Message 0", id: "msg_0"))).ShouldBe((HttpStatusCode.OK, "DUPLICATE"));
        var other = await person.RegisterAsync("WEBHOOK");
        (await person.OutcomeAsync(person.SayAsync(other, "Another channel"))).ShouldBe((HttpStatusCode.OK, "RECEIVED"));
    }

    [Fact]
    public async Task A_body_beyond_the_limit_is_refused_before_anything_is_said()
    {
        using var person = channels.NewPerson();
        var body = new byte[ChannelsApplication.MaxDeliveryBytes + 1];
        using var response = await person.DeliverAsync("/api/v1/channels/webhook/" + new string('A', 22), body);
        response.StatusCode.ShouldBe(HttpStatusCode.RequestEntityTooLarge);
    }

    [Fact]
    public async Task A_trading_signal_is_told_beside_its_message()
    {
        using var person = channels.NewPerson();
        var channel = await person.RegisterAsync("WEBHOOK");
        await person.OutcomeAsync(person.SayAsync(channel, "Good morning, nothing today."));
        await person.OutcomeAsync(person.SayAsync(channel, "Entry 42000-42500\nTP1 43000 TP2 44000\nSL 41000", title: "#BTC/USDT LONG"));
        var signal = (await channels.PublishedAsync<TradingSignalReceived>(person.UserId)).ShouldHaveSingleItem();
        (signal.ChannelId, signal.Symbol, signal.Side, signal.EntryFrom, signal.EntryTo, signal.StopLoss).ShouldBe((IdOf(channel), "BTC/USDT", "LONG", 42000m, 42500m, 41000m));
        signal.Targets.ShouldBe([43000m, 44000m]);
        (await channels.PublishedAsync<ChannelMessageReceived>(person.UserId, count: 2)).ShouldContain(m => m.MessageId == signal.MessageId);
    }

    [Fact]
    public async Task A_Telegram_update_is_received_once_however_often_Telegram_repeats_it()
    {
        using var person = channels.NewPerson();
        var channel = await person.RegisterAsync("TELEGRAM");
        var update = Encoding.UTF8.GetBytes("""
            {"update_id": 10001, "channel_post": {"message_id": 7, "date": 1441645532, "chat": {"id": -1001, "type": "channel", "title": "Geography", "username": "geo"}, "text": "Rivers carry water."}}
            """);
        (string, string)[] headers = [("X-Telegram-Bot-Api-Secret-Token", SecretOf(channel)), ("Content-Type", "application/json")];
        (await person.OutcomeAsync(person.DeliverAsync(InboxOf(channel), update, headers))).ShouldBe((HttpStatusCode.OK, "RECEIVED"));
        (await person.OutcomeAsync(person.DeliverAsync(InboxOf(channel), update, headers))).ShouldBe((HttpStatusCode.OK, "DUPLICATE"));
        var edited = Encoding.UTF8.GetBytes("""{"update_id": 10002, "edited_channel_post": {"message_id": 7, "text": "Rivers carry much water."}}""");
        (await person.OutcomeAsync(person.DeliverAsync(InboxOf(channel), edited, headers))).ShouldBe((HttpStatusCode.OK, "IGNORED"));
        (await person.OutcomeAsync(person.DeliverAsync(InboxOf(channel), Encoding.UTF8.GetBytes("{}"), headers))).Code.ShouldBe(HttpStatusCode.BadRequest);
        var told = (await channels.PublishedAsync<ChannelMessageReceived>(person.UserId)).ShouldHaveSingleItem();
        (told.ChannelType, told.Title, told.Text, told.Url).ShouldBe(("TELEGRAM", "Geography", "Rivers carry water.", "https://t.me/geo/7"));
    }

    [Fact]
    public async Task A_mail_is_received_once_by_its_Message_ID()
    {
        using var person = channels.NewPerson();
        var channel = await person.RegisterAsync("EMAIL_INBOX");
        (string, string) secret = ("X-Channel-Secret", SecretOf(channel));
        static byte[] Mail(string received) => Encoding.UTF8.GetBytes(
            $"Received: {received}\r\nFrom: Ada <ada@example.org>\r\nSubject: =?utf-8?q?Fl=C3=BCsse?=\r\nMessage-ID: <1@example.org>\r\nContent-Type: text/html\r\n\r\n<p>Rivers <b>carry</b> water.</p>");
        (await person.OutcomeAsync(person.DeliverAsync(InboxOf(channel), Mail("once"), secret, ("Content-Type", "message/rfc822")))).ShouldBe((HttpStatusCode.OK, "RECEIVED"));
        (await person.OutcomeAsync(person.DeliverAsync(InboxOf(channel), Mail("by another way"), secret))).ShouldBe((HttpStatusCode.OK, "DUPLICATE"));
        (await person.OutcomeAsync(person.DeliverAsync(InboxOf(channel), Mail("x"), ("X-Channel-Secret", "guess")))).Code.ShouldBe(HttpStatusCode.Unauthorized);
        var told = (await channels.PublishedAsync<ChannelMessageReceived>(person.UserId)).ShouldHaveSingleItem();
        (told.Title, told.Text).ShouldBe(("Flüsse", "Rivers carry water."));
    }
}
