using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Mneme.Channels.Domain;
using Mneme.Channels.Infrastructure;
using Mneme.Platform.Domain;
using Mneme.Platform.Http;
using Mneme.Platform.Http.Outgoing;
using Mneme.Platform.Observability;
using Mneme.Platform.Security;

namespace Mneme.Channels.Features;

/// <summary>A new way by which messages come in.</summary>
/// <param name="Type">EMAIL_INBOX, WEBHOOK, RSS, TELEGRAM or DISCORD.</param>
/// <param name="Name">What you call it; captures made of its messages have it as their source.</param>
/// <param name="Url">Of RSS: the feed's address.</param>
/// <param name="PublicKey">Of DISCORD: the application's public key, 64 hexadecimal digits.</param>
internal sealed record RegisterChannelRequest(
    [Required, AllowedValues("EMAIL_INBOX", "WEBHOOK", "RSS", "TELEGRAM", "DISCORD", ErrorMessage = "must be EMAIL_INBOX, WEBHOOK, RSS, TELEGRAM or DISCORD.")] string Type,
    [Required, StringLength(ChannelName.MaxLength)] string Name,
    [StringLength(OutgoingAddress.MaxLength)] string? Url = null,
    [StringLength(ChannelSettings.PublicKeyLength)] string? PublicKey = null);

internal static class RegisterChannel
{
    public static void Map(IEndpointRouteBuilder api) => api.MapPost("/channels", Handle).Owned()
        .WithName("RegisterChannel").WithSummary("Register a channel. The answer is the only one that shows its secret.")
        .Produces<ChannelResponse>(StatusCodes.Status201Created);

    private static async Task<Outcome<ChannelResponse>> Handle(
        RegisterChannelRequest request, Actor actor, FailureEffects caller, IChannelRepository channels, ChannelsDb db, InstallationKey key,
        ChannelsOptions options, HttpOptions http, TimeProvider time, CancellationToken ct)
    {
        var type = ChannelType.Of(request.Type);
        var name = ChannelName.Parse(request.Name);
        if (name.Value is null)
            return name.Problem!;
        var settings = ChannelSettings.For(type, request.Url, request.PublicKey, options.OutgoingPolicy());
        if (settings.Value is null)
            return settings.Problem!;
        await db.LockChannelsOfAsync(actor.UserId, ct);
        if (options.Quota().Refuses(type, await channels.CountAsync(actor.UserId, ct)) is { } refusal)
            return refusal;

        var now = time.GetUtcNow();
        var channel = Channel.Register(actor.UserId, type, name.Value, settings.Value, now);
        db.Record(now, "channel.registered", actor.UserId, channel.Id, address: caller.Address, detail: new { request.Type });
        return await channels.TrySaveAsync(channel, ct)
            ? Outcome.Created(ChannelResponse.Of(channel, http, secret: channel.Secret(await key.ReadAsync(db, ct))), $"/api/v1/channels/{channel.Id}")
            : Problem.PreconditionFailed();
    }
}
