using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Mneme.Channels.Domain;

namespace Mneme.Channels.Infrastructure.Formats;

/// <summary>How Discord wants a request answered.</summary>
internal enum DiscordAnswer
{
    /// <summary>To an interaction's PING: <c>{"type": 1}</c>.</summary>
    Pong,

    /// <summary>To a webhook event, its PING included: 204.</summary>
    Acknowledge,

    /// <summary>To a command: a message that only the person who gave it sees.</summary>
    Reply,
}

/// <summary>
/// What Discord sends an application: interactions (a command's texts are taken) and webhook events (messages are taken). See
/// docs.discord.com/developers/interactions/receiving-and-responding and /events/webhook-events.
/// </summary>
/// <param name="Answer">How it wants to be answered.</param>
/// <param name="Message">What was said, if anything.</param>
internal sealed record DiscordRequest(DiscordAnswer Answer, IncomingMessage? Message)
{
    private const int InteractionPing = 1;
    private const int EventPing = 0;
    private const int StringOption = 3;

    // A command's options nest at most twice: group, subcommand, option.
    private const int MaxOptionDepth = 3;

    /// <summary>Whether Discord signed it, with the application's key and not long ago.</summary>
    public static bool IsGenuine(Delivery delivery, string publicKey, DateTimeOffset now)
    {
        var timestamp = delivery.Header("X-Signature-Timestamp");
        var signature = delivery.Header("X-Signature-Ed25519");
        return StandardWebhook.IsRecent(timestamp, now)
            && signature.Length == 2 * Ed25519.SignatureLength && signature.All(char.IsAsciiHexDigit)
            && Ed25519.Verify(Convert.FromHexString(publicKey), [.. Encoding.UTF8.GetBytes(timestamp), .. delivery.Body], Convert.FromHexString(signature));
    }

    /// <exception cref="BadHttpRequestException">It is nothing that Discord sends.</exception>
    public static DiscordRequest Read(byte[] body)
    {
        using var document = ForeignJson.Parse(body);
        JsonElement? root = document.RootElement;
        if (root.Number("type") is not { } type)
            throw new BadHttpRequestException("The body must be an interaction or a webhook event of Discord, with a type.");
        // Interactions have a token to be answered with; events have none.
        if (root.Text("token") is null)
            return new DiscordRequest(DiscordAnswer.Acknowledge, type == EventPing ? null : OfEvent(root.Object("event")));
        return type == InteractionPing ? new DiscordRequest(DiscordAnswer.Pong, Message: null) : new DiscordRequest(DiscordAnswer.Reply, OfInteraction(root));
    }

    private static IncomingMessage? OfEvent(JsonElement? happened)
    {
        var message = happened.Object("data");
        return happened.Text("type") is "LOBBY_MESSAGE_CREATE" or "GAME_DIRECT_MESSAGE_CREATE" && message.Text("id") is { } id
            ? IncomingMessage.Of(id, message.Object("author").Text("username"), message.Text("content"), url: null)
            : null;
    }

    private static IncomingMessage? OfInteraction(JsonElement? interaction)
    {
        var data = interaction.Object("data");
        if (interaction.Text("id") is not { } id)
            return null;
        var texts = TextsOf(data, depth: 0).Concat(MessagesOf(data));
        return IncomingMessage.Of(id, title: null, string.Join('\n', texts), url: null);
    }

    private static IEnumerable<string> TextsOf(JsonElement? options, int depth) => depth == MaxOptionDepth ? [] : options.Items("options").SelectMany(option =>
        ((JsonElement?)option).Number("type") == StringOption && ((JsonElement?)option).Text("value") is { } text ? [text] : TextsOf(option, depth + 1));

    /// <summary>A command on a message (its context menu) carries the message.</summary>
    private static IEnumerable<string> MessagesOf(JsonElement? data) => data.Object("resolved").Object("messages") is { } messages
        ? messages.EnumerateObject().Select(message => ((JsonElement?)message.Value).Text("content")).OfType<string>()
        : [];
}
