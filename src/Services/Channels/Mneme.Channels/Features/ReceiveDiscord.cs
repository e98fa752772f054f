using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Mneme.Channels.Domain;
using Mneme.Channels.Infrastructure;
using Mneme.Channels.Infrastructure.Formats;
using Mneme.Platform;
using Mneme.Platform.Domain;
using Mneme.Platform.Http;

namespace Mneme.Channels.Features;

internal static class ReceiveDiscord
{
    // docs.discord.com/developers/interactions/receiving-and-responding: callback types, and the flag for what the person alone sees.
    private const int Pong = 1;
    private const int ChannelMessage = 4;
    private const int Ephemeral = 64;

    public static void Map(IEndpointRouteBuilder api) => api.MapPost("/channels/discord/{key}", Handle).Public()
        .WithName("ReceiveDiscord").WithSummary("Deliver an interaction or a webhook event to a DISCORD channel; Discord does so once the address is entered in its developer portal.")
        .Produces<object>().Produces(StatusCodes.Status204NoContent);

    private static async Task<Outcome<IResult>> Handle(string key, Delivery delivery, FailureEffects caller, Reception reception, TimeProvider time, CancellationToken ct)
    {
        bool IsProven(Channel channel) => DiscordRequest.IsGenuine(delivery, channel.State.Settings.PublicKey!, time.GetUtcNow());
        if (await reception.AdmitAsync(ChannelType.Discord, key, IsProven, caller, ct) is not { } channel)
            return Reception.Unproven;
        var request = DiscordRequest.Read(delivery.Body);
        if (request.Answer == DiscordAnswer.Pong)
            return Outcome.Of(Results.Json(new { type = Pong }, Json.Options));
        var status = await reception.TakeAsync(channel, request.Message, ct);
        // Discord shows an error's answer to nobody, so the person is told in words; an event is simply sent again later.
        return request.Answer == DiscordAnswer.Reply
            ? Outcome.Of(Results.Json(new { type = ChannelMessage, data = new { content = WordsFor(status), flags = Ephemeral } }, Json.Options))
            : status == DeliveryStatus.TooMany ? Reception.Answer(status) : Outcome.Of(Results.NoContent());
    }

    private static string WordsFor(DeliveryStatus status) => status switch
    {
        DeliveryStatus.Received => "Saved to Mneme.",
        DeliveryStatus.Duplicate => "That is saved already.",
        DeliveryStatus.Paused => "This channel is paused, so nothing was saved.",
        DeliveryStatus.TooMany => "This channel has taken as many messages as it takes in a day. Try again tomorrow.",
        _ => "There was no text to save.",
    };
}
