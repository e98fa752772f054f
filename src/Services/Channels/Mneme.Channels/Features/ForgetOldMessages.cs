using Microsoft.EntityFrameworkCore;
using Mneme.Channels.Infrastructure;

namespace Mneme.Channels.Features;

/// <summary>Removes messages that were kept long enough, in steps so that nothing waits for it.</summary>
internal static class ForgetOldMessages
{
    public const string Kind = "forget-old-messages";

    public static readonly TimeSpan Interval = TimeSpan.FromHours(6);

    /// <summary>How long a message that is sent again is known again. Of feeds that is as long as the channel lives: they show their entries for years.</summary>
    public static readonly TimeSpan KnownFor = TimeSpan.FromDays(90);

    private const int Step = 5_000;

    public static async Task Run(ChannelsDb db, ChannelsOptions options, TimeProvider time, CancellationToken ct)
    {
        var messagesBefore = time.GetUtcNow() - options.MessageRetention;
        while (await db.Database.ExecuteSqlAsync($"delete from messages where id in (select id from messages where received_at < {messagesBefore} limit {Step})", ct) == Step)
            ct.ThrowIfCancellationRequested();
        var keysBefore = time.GetUtcNow() - KnownFor;
        while (await db.Database.ExecuteSqlAsync($"""
            delete from message_keys where (channel_id, fingerprint) in (
                select channel_id, fingerprint from message_keys k
                where received_at < {keysBefore} and not exists (select from feeds f where f.channel_id = k.channel_id) limit {Step})
            """, ct) == Step)
            ct.ThrowIfCancellationRequested();
    }
}
