using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Mneme.Channels.Domain;
using Mneme.Channels.Infrastructure;
using Mneme.Channels.Infrastructure.Formats;
using Mneme.Platform.Domain;
using Mneme.Platform.Http;

namespace Mneme.Channels.Features;

internal static class ReceiveTelegram
{
    public static void Map(IEndpointRouteBuilder api) => api.MapPost("/channels/telegram/{key}", Handle).Public()
        .WithName("ReceiveTelegram").WithSummary("Deliver an Update to a TELEGRAM channel; Telegram does so after setWebhook.")
        .Produces<DeliveryResponse>().Produces<DeliveryResponse>(StatusCodes.Status202Accepted);

    private static async Task<Outcome<IResult>> Handle(string key, Delivery delivery, FailureEffects caller, Reception reception, CancellationToken ct) =>
        await reception.AdmitAsync(ChannelType.Telegram, key, (ChannelSecret secret) => secret.IsSameAs(delivery.Header(TelegramUpdate.SecretHeader)), caller, ct) is { } channel
            ? Reception.Answer(await reception.TakeAsync(channel, TelegramUpdate.Read(delivery.Body), ct))
            : Reception.Unproven;
}
