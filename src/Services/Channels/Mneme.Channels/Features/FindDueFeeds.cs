using Microsoft.EntityFrameworkCore;
using Mneme.Channels.Infrastructure;

namespace Mneme.Channels.Features;

/// <summary>Makes a job of each feed that is due, so that a slow site holds up no other.</summary>
internal static class FindDueFeeds
{
    public const string Kind = "find-due-feeds";

    public static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private const int BatchSize = 200;

    public static async Task Run(ChannelsDb db, ChannelsOptions options, TimeProvider time, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        await db.Database.BeginTransactionAsync(ct);
        var due = await db.Feeds
            .FromSql($"select * from feeds where due_at <= {now} order by due_at limit {BatchSize} for update skip locked").ToListAsync(ct);
        foreach (var feed in due)
            await ReadFeed.EnqueueAsync(db, feed, now, options, ct);
    }
}
