using System.Text;
using Microsoft.AspNetCore.Http;
using Mneme.Channels.Infrastructure.Formats;

namespace Mneme.UnitTests.Channels;

/// <summary>What Telegram and Discord send, in their documented forms and in none.</summary>
public sealed class FormatTests
{
    [Fact]
    public void A_Telegram_channel_post_has_its_text_its_chat_and_an_address()
    {
        var message = TelegramUpdate.Read(Utf8("""
            {"update_id": 10000, "channel_post": {"message_id": 7, "date": 1441645532, "text": "Rivers carry water to the sea.",
             "chat": {"id": -1001234, "type": "channel", "title": "Geography", "username": "geo"}, "sender_chat": {"id": -1001234}}}
            """)).ShouldNotBeNull();
        (message.Title, message.Text, message.Url).ShouldBe(("Geography", "Rivers carry water to the sea.", "https://t.me/geo/7"));
    }

    [Fact]
    public void A_Telegram_message_is_known_by_its_update()
    {
        var first = TelegramUpdate.Read(Utf8("""{"update_id": 1, "message": {"message_id": 1, "from": {"first_name": "Ada"}, "caption": "A picture of a river"}}""")).ShouldNotBeNull();
        var second = TelegramUpdate.Read(Utf8("""{"update_id": 2, "message": {"message_id": 1, "from": {"first_name": "Ada"}, "caption": "A picture of a river"}}""")).ShouldNotBeNull();
        (first.Title, first.Text, first.Url).ShouldBe(("Ada", "A picture of a river", null));
        first.Fingerprint.ShouldNotBe(second.Fingerprint);
    }

    [Theory]
    [InlineData("""{"update_id": 1, "edited_message": {"text": "x"}}""")]
    [InlineData("""{"update_id": 1, "message": {"sticker": {"emoji": "x"}}}""")]
    [InlineData("""{"update_id": 1, "message": "x"}""")]
    [InlineData("""{"update_id": 1, "message": {"text": ["x"]}}""")]
    [InlineData("""{"update_id": 1, "message": {"text": "\ud800"}}""")]
    public void Other_Telegram_updates_say_nothing(string update) => TelegramUpdate.Read(Utf8(update)).ShouldBeNull();

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"update_id": "1"}""")]
    [InlineData("""{"update_id": 1""")]
    public void What_is_no_update_is_refused(string body) => Should.Throw<BadHttpRequestException>(() => TelegramUpdate.Read(Utf8(body)));

    [Fact]
    public void Nesting_beyond_sense_is_refused() =>
        Should.Throw<BadHttpRequestException>(() => TelegramUpdate.Read(Utf8(string.Concat(Enumerable.Repeat("""{"a":""", 1000)) + "1" + new string('}', 1000))));

    [Fact]
    public void A_ping_of_Discords_interactions_wants_a_pong() =>
        DiscordRequest.Read(Utf8("""{"application_id": "1", "id": "2", "token": "t", "type": 1, "version": 1}""")).ShouldBe(new DiscordRequest(DiscordAnswer.Pong, null));

    [Fact]
    public void A_ping_of_Discords_events_wants_an_acknowledgement() =>
        DiscordRequest.Read(Utf8("""{"version": 1, "application_id": "1234560123453231555", "type": 0}""")).ShouldBe(new DiscordRequest(DiscordAnswer.Acknowledge, null));

    [Fact]
    public void A_Discord_command_says_its_texts()
    {
        var request = DiscordRequest.Read(Utf8("""
            {"type": 2, "token": "A_UNIQUE_TOKEN", "id": "786008729715212338", "data": {"type": 1, "name": "save", "options": [
              {"type": 1, "name": "note", "options": [{"type": 3, "name": "text", "value": "Rivers carry water."}, {"type": 4, "name": "times", "value": 3}]}]}}
            """));
        request.Answer.ShouldBe(DiscordAnswer.Reply);
        request.Message.ShouldNotBeNull().Text.ShouldBe("Rivers carry water.");
    }

    [Fact]
    public void A_Discord_command_on_a_message_says_the_message() =>
        DiscordRequest.Read(Utf8("""{"type": 2, "token": "t", "id": "1", "data": {"type": 3, "name": "Save", "target_id": "9", "resolved": {"messages": {"9": {"id": "9", "content": "Rivers."}}}}}"""))
            .Message.ShouldNotBeNull().Text.ShouldBe("Rivers.");

    [Fact]
    public void A_message_event_of_Discord_is_taken_and_others_are_acknowledged()
    {
        var request = DiscordRequest.Read(Utf8("""
            {"version": 1, "application_id": "1", "type": 1, "event": {"type": "GAME_DIRECT_MESSAGE_CREATE", "timestamp": "2026-03-29T12:00:00",
             "data": {"id": "1397", "content": "Rivers.", "author": {"id": "5", "username": "ada"}}}}
            """));
        request.Answer.ShouldBe(DiscordAnswer.Acknowledge);
        (request.Message.ShouldNotBeNull().Text, request.Message!.Title).ShouldBe(("Rivers.", "ada"));
        DiscordRequest.Read(Utf8("""{"version": 1, "type": 1, "event": {"type": "ENTITLEMENT_CREATE", "data": {"id": "1"}}}""")).Message.ShouldBeNull();
    }

    [Fact]
    public void Endlessly_nested_options_of_Discord_say_nothing() =>
        DiscordRequest.Read(Utf8("""{"type": 2, "token": "t", "id": "1", "data": """ + string.Concat(Enumerable.Repeat("""{"options":[""", 25)) + string.Concat(Enumerable.Repeat("]}", 25)) + "}"))
            .Message.ShouldBeNull();

    [Theory]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"type": "2"}""")]
    public void What_Discord_does_not_send_is_refused(string body) => Should.Throw<BadHttpRequestException>(() => DiscordRequest.Read(Utf8(body)));

    [Theory]
    [InlineData("""{"title": "x"}""")]
    [InlineData("""{"text": 1}""")]
    [InlineData("""{"text": "a", "text": "b"}""")]
    [InlineData("""{"text": "\ud800"}""")]
    [InlineData("text")]
    [InlineData("")]
    public void A_webhook_without_a_text_is_refused(string body) => Should.Throw<BadHttpRequestException>(() => StandardWebhook.Read("1", Utf8(body)));

    [Fact]
    public void A_webhook_may_have_more_than_is_asked_and_addresses_are_those_of_the_web()
    {
        var message = StandardWebhook.Read("1", Utf8("""{"text": "Rivers.\r\nLakes.", "title": " A\nheadline ", "url": "javascript:alert(1)", "more": {"a": 1}}""")).ShouldNotBeNull();
        (message.Title, message.Text, message.Url).ShouldBe(("A headline", "Rivers.\nLakes.", null));
    }

    [Theory]
    [InlineData("<p>Rivers &amp; lakes</p><p>a &lt; b</p>", "Rivers & lakes\n\na < b")]
    [InlineData("a < b and c > d", "a < b and c > d")]
    [InlineData("<script>alert('x')</script>Text<style>p{}</style><!-- not this -->", "Text")]
    [InlineData("<SCRIPT>alert(1)", "")]
    [InlineData("Text<", "Text<")]
    [InlineData("Text<!--", "Text")]
    [InlineData("<a href='x'>A link", "A link")]
    [InlineData("one<br>two<BR/>three", "one\ntwo\nthree")]
    public void Html_is_read_as_text(string html, string text) => HtmlText.Of(html).Trim().Replace("\n\n", "\n\n", StringComparison.Ordinal).ShouldBe(text);

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);
}
