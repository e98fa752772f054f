using Microsoft.EntityFrameworkCore;
using Mneme.Channels.Domain;
using Mneme.Channels.Infrastructure;
using Mneme.Channels.Infrastructure.Formats;
using Mneme.Platform;
using Mneme.Platform.Http.Outgoing;
using Mneme.Platform.Jobs;

namespace Mneme.Channels.Features;

/// <summary>Asks a feed what is new, and receives it.</summary>
internal static class ReadFeed
{
    public const string Kind = "read-feed";

    public static readonly JobPolicy Policy = new() { MaxAttempts = 2, Timeout = TimeSpan.FromMinutes(2) };

    private const int MaxFailure = 1_000;
    private static readonly TimeSpan LongestPause = TimeSpan.FromDays(1);

    internal sealed record Work(Guid ChannelId, Guid UserId);

    /// <summary>One job for each time that the feed is due; it is due again after the interval.</summary>
    public static async Task EnqueueAsync(ChannelsDb db, FeedRow feed, DateTimeOffset now, ChannelsOptions options, CancellationToken ct)
    {
        await db.EnqueueAsync(Kind, $"{feed.ChannelId}:{feed.DueAt.UtcTicks}", new Work(feed.ChannelId, feed.UserId), now, ct: ct);
        feed.DueAt = now + options.FeedInterval;
    }

    public static async Task Run(
        Work work, IChannelRepository channels, ChannelsDb db, FeedClient http, Reception reception, ChannelsOptions options, TimeProvider time, CancellationToken ct)
    {
        if (await channels.FindAsync(work.ChannelId, work.UserId, ct) is not { State: { IsPaused: false, Settings.Url: { } url, Key: var key } }
            || await db.Feeds.AsNoTracking().SingleOrDefaultAsync(f => f.ChannelId == work.ChannelId, ct) is not { } known)
            return;
        var (response, failure) = await FetchAsync(http, url, new OutgoingValidators(known.ETag, known.LastModified), ct);

        // Only now a connection is held again; the site took its time, and the channel may have been deleted or paused meanwhile.
        await db.Database.BeginTransactionAsync(ct);
        await db.ShareInboxAsync(key, ct);
        if (await channels.FindAsync(work.ChannelId, work.UserId, ct) is not { State.IsPaused: false } channel
            || (await db.Feeds.FromSql($"select * from feeds where channel_id = {work.ChannelId} for update").ToListAsync(ct)) is not [var feed])
            return;
        var now = time.GetUtcNow();
        var entries = Parse(response, ref failure);
        if (failure is not null)
        {
            feed.Failures++;
            feed.Failure = failure.Cut(MaxFailure);
            feed.DueAt = now + Pause(options.FeedInterval, feed.Failures);
            ChannelsMetrics.FeedRead("failed");
            return;
        }

        ChannelsMetrics.FeedRead(response is null ? "unchanged" : "read");
        if (response is not null && await ReceiveAsync(channel, entries, isFirst: feed.ReadAt is null, reception, options, ct))
            (feed.ETag, feed.LastModified) = (response.Validators.ETag, response.Validators.LastModified);
        (feed.ReadAt, feed.Failures, feed.Failure) = (now, 0, null);
    }

    /// <summary>The oldest first, as they were written. Of a feed that is new here, only the newest few are news.</summary>
    /// <returns>Whether all were taken; those that were not are asked for again.</returns>
    private static async Task<bool> ReceiveAsync(
        Channel channel, IReadOnlyList<IncomingMessage> newestFirst, bool isFirst, Reception reception, ChannelsOptions options, CancellationToken ct)
    {
        for (var i = newestFirst.Count - 1; i >= 0; i--)
        {
            if (isFirst && i >= options.FirstFeedEntries)
                await reception.TakeAsKnownAsync(channel, newestFirst[i], ct);
            else if (await reception.TakeAsync(channel, newestFirst[i], ct) == DeliveryStatus.TooMany)
                return false;
        }

        return true;
    }

    private static async Task<(OutgoingResponse? Response, string? Failure)> FetchAsync(FeedClient http, string url, OutgoingValidators validators, CancellationToken ct)
    {
        try
        {
            return OutgoingAddress.TryParse(url, out var address, out var problem) ? (await http.GetIfChangedAsync(address, validators, ct), null) : (null, problem);
        }
        catch (OutgoingException e)
        {
            return (null, e.Message);
        }
    }

    private static IReadOnlyList<IncomingMessage> Parse(OutgoingResponse? response, ref string? failure)
    {
        try
        {
            return response is null ? [] : Feed.Read(response.Body);
        }
        catch (FeedException e)
        {
            failure = e.Message;
            return [];
        }
    }

    private static TimeSpan Pause(TimeSpan interval, int failures)
    {
        var pause = interval * Math.Pow(2, Math.Min(failures, 10));
        return pause < LongestPause ? pause : LongestPause;
    }
}
