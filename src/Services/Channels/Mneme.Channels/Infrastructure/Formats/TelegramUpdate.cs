using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Mneme.Channels.Domain;

namespace Mneme.Channels.Infrastructure.Formats;

/// <summary>An Update of Telegram's Bot API (core.telegram.org/bots/api#update): new messages and channel posts are taken, with their text or caption.</summary>
internal static class TelegramUpdate
{
    /// <summary>Holds the <c>secret_token</c> that was given to <c>setWebhook</c>.</summary>
    public const string SecretHeader = "X-Telegram-Bot-Api-Secret-Token";

    /// <returns>Null for all other updates, such as edits and reactions.</returns>
    /// <exception cref="BadHttpRequestException">It is no Update.</exception>
    public static IncomingMessage? Read(byte[] body)
    {
        using var document = ForeignJson.Parse(body);
        JsonElement? update = document.RootElement;
        if (update.Number("update_id") is not { } updateId)
            throw new BadHttpRequestException("The body must be an Update of Telegram's Bot API, with an update_id.");
        if ((update.Object("message") ?? update.Object("channel_post")) is not { } post)
            return null;
        JsonElement? message = post;
        var chat = message.Object("chat");
        return IncomingMessage.Of(
            updateId.ToString(CultureInfo.InvariantCulture), chat.Text("title") ?? message.Object("from").Text("first_name"), message.Text("text") ?? message.Text("caption"), LinkTo(chat, message));
    }

    /// <summary>Messages of public chats have an address.</summary>
    private static string? LinkTo(JsonElement? chat, JsonElement? message) =>
        chat.Text("username") is { } username && message.Number("message_id") is { } id && chat.Text("type") is "channel" or "supergroup"
            ? string.Create(CultureInfo.InvariantCulture, $"https://t.me/{Uri.EscapeDataString(username)}/{id}")
            : null;
}
