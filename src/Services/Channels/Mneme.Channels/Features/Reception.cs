using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Mneme.Channels.Domain;
using Mneme.Channels.Infrastructure;
using Mneme.Platform;
using Mneme.Platform.Domain;
using Mneme.Platform.Http;
using Mneme.Platform.Observability;

namespace Mneme.Channels.Features;

/// <summary>What became of a delivery.</summary>
internal enum DeliveryStatus
{
    /// <summary>It is stored, and will be told.</summary>
    Received,

    /// <summary>It was received before; nothing happened.</summary>
    Duplicate,

    /// <summary>The channel is paused: it was not kept.</summary>
    Paused,

    /// <summary>It says nothing that could be kept, such as a picture without a caption.</summary>
    Ignored,

    /// <summary>The channel has taken as many messages as it takes in a day.</summary>
    TooMany,
}

/// <summary>The answer to a sender.</summary>
/// <param name="Status">What became of the delivery.</param>
internal sealed record DeliveryResponse(DeliveryStatus Status);

/// <summary>What all ways of receiving have in common: who may deliver, and that each message is received once.</summary>
internal sealed class Reception(
    IChannelRepository channels, ChannelsDb db, InstallationKey installation, DomainEvents events, ChannelsOptions options, TimeProvider time)
{
    /// <summary>
    /// One answer for an unknown address, an address of another type and a delivery that does not prove itself: who does not have the secret does not learn
    /// whether there is a channel.
    /// </summary>
    public static Problem Unproven { get; } = Problem.Unauthenticated("delivery-unproven", "There is no such channel, or the delivery does not prove that it may be made.");

    /// <summary>Finds the channel that an address names, if the delivery proves that it may be made.</summary>
    /// <param name="type">The type whose inbox was addressed.</param>
    /// <param name="key">The address, as it was given.</param>
    /// <param name="isProven">Asks the delivery.</param>
    /// <param name="caller">Who delivers, for the record of a bad signature.</param>
    public async Task<Channel?> AdmitAsync(ChannelType type, string key, Func<Channel, bool> isProven, FailureEffects caller, CancellationToken ct)
    {
        var channel = ChannelKey.Parse(key) is { } address ? await FindAsync(address, ct) : null;
        if (channel is not null && channel.State.Type == type && isProven(channel))
            return channel;
        ChannelsMetrics.Refused(type.Inbox!, "unproven");
        if (channel is not null)
            await RecordUnprovenAsync(channel, caller, ct);
        return null;
    }

    /// <summary>As <see cref="AdmitAsync(ChannelType, string, Func{Channel, bool}, FailureEffects, CancellationToken)"/>, for types whose senders share a secret.</summary>
    public async Task<Channel?> AdmitAsync(ChannelType type, string key, Func<ChannelSecret, bool> isProven, FailureEffects caller, CancellationToken ct)
    {
        var installationKey = await installation.ReadAsync(db, ct);
        return await AdmitAsync(type, key, channel => channel.Secret(installationKey) is { } secret && isProven(secret), caller, ct);
    }

    /// <summary>Receives a message, unless it was received before or must not be. The caller holds the channel's inbox (<see cref="ChannelsDb.ShareInboxAsync"/>).</summary>
    public async Task<DeliveryStatus> TakeAsync(Channel channel, IncomingMessage? incoming, CancellationToken ct)
    {
        var status = channel.State.IsPaused ? DeliveryStatus.Paused : incoming is null ? DeliveryStatus.Ignored : await ReceiveAsync(channel, incoming, ct);
        if (status == DeliveryStatus.Received)
            ChannelsMetrics.Received(channel.State.Type);
        else
            ChannelsMetrics.Refused(channel.State.Type.Inbox ?? "feed", JsonNamingPolicy.KebabCaseLower.ConvertName(status.ToString()));
        return status;
    }

    /// <summary>Takes messages as known without receiving them.</summary>
    public async Task TakeAsKnownAsync(Channel channel, IncomingMessage incoming, CancellationToken ct) => await AddFingerprintAsync(channel, incoming, ct);

    /// <summary>
    /// 200, also for what was received before: a sender that repeats itself must hear that it need not. 202 for what a paused channel does not keep: a sender that
    /// is refused would try again for days, and some then give the address up.
    /// </summary>
    public static Outcome<IResult> Answer(DeliveryStatus status) => status switch
    {
        DeliveryStatus.TooMany => Problem.TooManyRequests(TimeSpan.FromHours(1), "This channel has taken as many messages as it takes in a day. Try again later."),
        DeliveryStatus.Paused => Outcome.Of(Results.Json(new DeliveryResponse(status), Json.Options, statusCode: StatusCodes.Status202Accepted)),
        _ => Outcome.Of(Results.Json(new DeliveryResponse(status), Json.Options)),
    };

    private async Task<Channel?> FindAsync(ChannelKey address, CancellationToken ct)
    {
        await db.ShareInboxAsync(address, ct);
        return await channels.FindByKeyAsync(address, ct);
    }

    private async Task<DeliveryStatus> ReceiveAsync(Channel channel, IncomingMessage incoming, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var dayAgo = now.AddDays(-1);
        // What is refused must stay unknown, so that it may come again; what is known is no further message, however many there were.
        if (await IsKnownAsync(channel, incoming, ct))
            return DeliveryStatus.Duplicate;
        if (await db.Messages.CountAsync(m => m.ChannelId == channel.Id && m.ReceivedAt > dayAgo, ct) >= options.MaxMessagesPerDay)
            return DeliveryStatus.TooMany;
        if (!await AddFingerprintAsync(channel, incoming, ct))
            return DeliveryStatus.Duplicate;
        var message = Message.Receive(channel, incoming, now);
        db.Messages.Add(message);
        await events.DispatchAsync(message, ct);
        message.MarkSaved();
        await db.SaveChangesAsync(ct);
        return DeliveryStatus.Received;
    }

    private async Task<bool> IsKnownAsync(Channel channel, IncomingMessage incoming, CancellationToken ct) =>
        (await db.Database.SqlQuery<int>($"select 1 from message_keys where channel_id = {channel.Id} and fingerprint = {incoming.Fingerprint}").ToListAsync(ct)).Count > 0;

    /// <summary>The primary key decides: of fifty deliveries at once, one adds it, and the others wait for that one's end.</summary>
    private async Task<bool> AddFingerprintAsync(Channel channel, IncomingMessage incoming, CancellationToken ct) =>
        await db.Database.ExecuteSqlAsync($"""
            insert into message_keys (channel_id, fingerprint, user_id, received_at) values ({channel.Id}, {incoming.Fingerprint}, {channel.State.UserId}, {time.GetUtcNow()})
            on conflict do nothing
            """, ct) == 1;

    /// <summary>At most once a minute for each channel: who knows its address must not fill the records.</summary>
    private async Task RecordUnprovenAsync(Channel channel, FailureEffects caller, CancellationToken ct)
    {
        const string Action = "channel.delivery-refused";
        var now = time.GetUtcNow();
        var minuteAgo = now.AddMinutes(-1);
        if (await db.Audit.AnyAsync(r => r.SubjectId == channel.Id && r.Action == Action && r.Time > minuteAgo, ct))
            return;
        db.Record(now, Action, actorId: null, channel.Id, Unproven.Code, caller.Address);
        caller.Keep();
    }
}
