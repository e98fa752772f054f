using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Mneme.Channels.Domain;
using Mneme.Channels.Infrastructure;
using Mneme.Channels.Infrastructure.Formats;
using Mneme.Platform.Domain;
using Mneme.Platform.Http;

namespace Mneme.Channels.Features;

internal static class ReceiveEmail
{
    /// <summary>Holds the channel's secret.</summary>
    public const string SecretHeader = "X-Channel-Secret";

    public static void Map(IEndpointRouteBuilder api) => api.MapPost("/channels/email/{key}", Handle).Public()
        .WithName("ReceiveEmail").WithSummary("Deliver a raw mail (RFC 5322) to an EMAIL_INBOX channel; a mail server does so through a pipe, with the secret in X-Channel-Secret.")
        .Produces<DeliveryResponse>().Produces<DeliveryResponse>(StatusCodes.Status202Accepted);

    private static async Task<Outcome<IResult>> Handle(string key, Delivery delivery, FailureEffects caller, Reception reception, CancellationToken ct) =>
        await reception.AdmitAsync(ChannelType.EmailInbox, key, (ChannelSecret secret) => secret.IsSameAs(delivery.Header(SecretHeader)), caller, ct) is { } channel
            ? Reception.Answer(await reception.TakeAsync(channel, MailMessage.Read(delivery.Body), ct))
            : Reception.Unproven;
}
