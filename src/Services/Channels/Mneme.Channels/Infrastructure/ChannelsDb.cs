using Microsoft.EntityFrameworkCore;
using Mneme.Channels.Domain;
using Mneme.Platform.Persistence;

namespace Mneme.Channels.Infrastructure;

internal sealed class ChannelsDb(DbContextOptions<ChannelsDb> options) : ServiceDb(options)
{
    public const string Name = "channels";

    public DbSet<ChannelRow> Channels => Set<ChannelRow>();

    public DbSet<ChannelEventRow> ChannelEvents => Set<ChannelEventRow>();

    public DbSet<ChannelSnapshotRow> ChannelSnapshots => Set<ChannelSnapshotRow>();

    public DbSet<Message> Messages => Set<Message>();

    public DbSet<FeedRow> Feeds => Set<FeedRow>();

    public override string ServiceName => Name;

    /// <summary>
    /// Lets one person's channels be registered one after the other until the transaction ends, so that limits hold. The lock is PostgreSQL's wherever channels are kept.
    /// </summary>
    public Task LockChannelsOfAsync(Guid userId, CancellationToken ct) =>
        Database.ExecuteSqlAsync($"select pg_advisory_xact_lock(hashtextextended({userId}::text, 3))", ct);

    /// <summary>Keeps a channel from being deleted while one of its messages is received, so that none stays behind. Received messages do not wait for each other.</summary>
    public Task ShareInboxAsync(ChannelKey key, CancellationToken ct) =>
        Database.ExecuteSqlAsync($"select pg_advisory_xact_lock_shared(hashtextextended({key.Value}, 4))", ct);

    /// <summary>Waits until no message of the channel is being received, and keeps the next one waiting until the transaction ends.</summary>
    public Task CloseInboxAsync(ChannelKey key, CancellationToken ct) =>
        Database.ExecuteSqlAsync($"select pg_advisory_xact_lock(hashtextextended({key.Value}, 4))", ct);

    protected override void MapEntities(ModelBuilder model)
    {
        model.Entity<ChannelEventRow>(row =>
        {
            row.HasKey(e => new { e.ChannelId, e.Version });
            row.Property(e => e.Data).HasColumnType("jsonb");
        });
        model.Entity<ChannelSnapshotRow>(row =>
        {
            row.HasKey(s => s.ChannelId);
            row.Property(s => s.ChannelId).ValueGeneratedNever();
            row.Property(s => s.State).HasColumnType("jsonb");
        });
        model.Entity<ChannelRow>().Property(c => c.Id).ValueGeneratedNever();
        model.Entity<FeedRow>(row =>
        {
            row.HasKey(f => f.ChannelId);
            row.Property(f => f.ChannelId).ValueGeneratedNever();
        });
    }
}

/// <summary>A channel as lists and addresses know it.</summary>
internal sealed class ChannelRow
{
    public Guid Id { get; init; }

    public Guid UserId { get; init; }

    public long Version { get; init; }

    public string Type { get; init; } = "";

    public string Name { get; init; } = "";

    public string Key { get; init; } = "";

    public bool IsPaused { get; init; }

    public DateTimeOffset RegisteredAt { get; init; }
}

/// <summary>An event of a channel's history.</summary>
internal sealed class ChannelEventRow
{
    public Guid ChannelId { get; init; }

    public long Version { get; init; }

    public string Type { get; init; } = "";

    public string Data { get; init; } = "";

    public DateTimeOffset At { get; init; }
}

/// <summary>A state that was kept.</summary>
internal sealed class ChannelSnapshotRow
{
    public Guid ChannelId { get; init; }

    public long Version { get; set; }

    public string State { get; set; } = "";
}

/// <summary>When a feed is looked at next, and what is known of it.</summary>
internal sealed class FeedRow
{
    public Guid ChannelId { get; init; }

    public Guid UserId { get; init; }

    public DateTimeOffset DueAt { get; set; }

    public string? ETag { get; set; }

    public string? LastModified { get; set; }

    /// <summary>When it was last read or found unchanged; null before the first time.</summary>
    public DateTimeOffset? ReadAt { get; set; }

    /// <summary>How often in a row it could not be read.</summary>
    public int Failures { get; set; }

    /// <summary>For the person: why it could not be read the last time.</summary>
    public string? Failure { get; set; }
}
