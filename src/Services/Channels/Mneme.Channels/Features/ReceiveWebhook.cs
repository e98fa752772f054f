using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Mneme.Channels.Domain;
using Mneme.Channels.Infrastructure;
using Mneme.Channels.Infrastructure.Formats;
using Mneme.Platform.Domain;
using Mneme.Platform.Http;

namespace Mneme.Channels.Features;

internal static class ReceiveWebhook
{
    public static void Map(IEndpointRouteBuilder api) => api.MapPost("/channels/webhook/{key}", Handle).Public()
        .WithName("ReceiveWebhook").WithSummary("Deliver a message to a WEBHOOK channel, signed as Standard Webhooks says: {\"text\", \"title\"?, \"url\"?}.")
        .Produces<DeliveryResponse>().Produces<DeliveryResponse>(StatusCodes.Status202Accepted);

    private static async Task<Outcome<IResult>> Handle(string key, Delivery delivery, FailureEffects caller, Reception reception, TimeProvider time, CancellationToken ct)
    {
        string? id = null;
        bool IsProven(ChannelSecret secret) => (id = StandardWebhook.Verify(delivery, secret.Bytes, time.GetUtcNow())) is not null;
        return await reception.AdmitAsync(ChannelType.Webhook, key, IsProven, caller, ct) is { } channel
            ? Reception.Answer(await reception.TakeAsync(channel, StandardWebhook.Read(id!, delivery.Body), ct))
            : Reception.Unproven;
    }
}
