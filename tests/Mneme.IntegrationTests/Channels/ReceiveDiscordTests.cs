using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Mneme.Contracts.Channels;
using static Mneme.IntegrationTests.Channels.ChannelsApi;

namespace Mneme.IntegrationTests.Channels;

[Collection(ChannelsTests.Name)]
public sealed class ReceiveDiscordTests(ChannelsApplication channels)
{
    private const string Ping = """{"application_id": "1", "id": "2", "token": "t", "type": 1, "version": 1}""";
    private const string Command = """{"type": 2, "token": "t", "id": "786008729715212338", "data": {"type": 1, "name": "save", "options": [{"type": 3, "name": "text", "value": "Rivers carry water."}]}}""";

    private readonly Ed25519Signer _discord = new([.. Enumerable.Range(0, 32).Select(i => (byte)i)]);

    [Fact]
    public async Task A_ping_is_answered_only_if_Discord_signed_it()
    {
        using var person = channels.NewPerson();
        var channel = await RegisterAsync(person);
        using (var pong = await DeliverAsync(person, channel, Ping))
        {
            pong.StatusCode.ShouldBe(HttpStatusCode.OK);
            pong.Content.Headers.ContentType!.MediaType.ShouldBe("application/json");
            (await JsonAsync(pong)).ToJsonString().ShouldBe("""{"type":1}""");
        }

        var now = channels.App.Clock.GetUtcNow();
        var forger = new Ed25519Signer(new byte[32]);
        foreach (var headers in new[] { Sign(Ping + " "), Sign(Ping, now.AddMinutes(-10)), Sign(Ping, signer: forger), [("X-Signature-Ed25519", "zz"), ("X-Signature-Timestamp", "1")], [] })
        {
            using var refused = await person.DeliverAsync(InboxOf(channel), Encoding.UTF8.GetBytes(Ping), headers);
            refused.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        }
    }

    [Fact]
    public async Task A_command_is_saved_once_and_answered_in_words()
    {
        using var person = channels.NewPerson();
        var channel = await RegisterAsync(person);
        using (var saved = await DeliverAsync(person, channel, Command))
        {
            var answer = await JsonAsync(saved);
            (answer["type"]!.GetValue<int>(), answer["data"]!["content"]!.GetValue<string>(), answer["data"]!["flags"]!.GetValue<int>()).ShouldBe((4, "Saved to Mneme.", 64));
        }

        using (var again = await DeliverAsync(person, channel, Command))
            (await JsonAsync(again))["data"]!["content"]!.GetValue<string>().ShouldBe("That is saved already.");
        await person.StatusAsync(HttpMethod.Post, $"channels/{IdOf(channel)}/pause");
        using (var paused = await DeliverAsync(person, channel, Command))
            (await JsonAsync(paused))["data"]!["content"]!.GetValue<string>().ShouldContain("paused");
        (await channels.PublishedAsync<ChannelMessageReceived>(person.UserId)).ShouldHaveSingleItem().Text.ShouldBe("Rivers carry water.");
    }

    [Fact]
    public async Task Events_and_their_ping_are_acknowledged_without_a_body()
    {
        using var person = channels.NewPerson();
        var channel = await RegisterAsync(person);
        const string Message = """{"version": 1, "application_id": "1", "type": 1, "event": {"type": "GAME_DIRECT_MESSAGE_CREATE", "data": {"id": "1397", "content": "Lakes hold water.", "author": {"username": "ada"}}}}""";
        foreach (var body in new[] { """{"version": 1, "application_id": "1", "type": 0}""", Message, Message, """{"version": 1, "type": 1, "event": {"type": "ENTITLEMENT_CREATE", "data": {}}}""" })
        {
            using var acknowledged = await DeliverAsync(person, channel, body);
            acknowledged.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        }

        (await person.MessagesAsync(channel)).ShouldBe(["Lakes hold water."]);
        using var refused = await DeliverAsync(person, channel, "[]");
        refused.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    private Task<JsonNode> RegisterAsync(ChannelsApi person) => person.RegisterAsync("DISCORD", publicKey: Convert.ToHexString(_discord.PublicKey));

    private Task<HttpResponseMessage> DeliverAsync(ChannelsApi person, JsonNode channel, string body) => person.DeliverAsync(InboxOf(channel), Encoding.UTF8.GetBytes(body), Sign(body));

    private (string, string)[] Sign(string body, DateTimeOffset? at = null, Ed25519Signer? signer = null)
    {
        var timestamp = (at ?? channels.App.Clock.GetUtcNow()).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        return [("X-Signature-Timestamp", timestamp), ("X-Signature-Ed25519", Convert.ToHexString((signer ?? _discord).Sign(Encoding.UTF8.GetBytes(timestamp + body))).ToLowerInvariant())];
    }
}
