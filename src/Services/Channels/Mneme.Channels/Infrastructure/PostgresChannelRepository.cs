using Microsoft.EntityFrameworkCore;
using Mneme.Channels.Domain;

namespace Mneme.Channels.Infrastructure;

/// <summary>
/// Channels in the service's own database, in the transaction of the operation: history, projection, outbox, messages and audit are saved together or not at all.
/// </summary>
internal sealed class PostgresChannelRepository(ChannelsDb db) : IChannelRepository
{
    public async Task<Channel?> FindAsync(Guid id, Guid userId, CancellationToken ct) =>
        await db.Channels.AnyAsync(c => c.Id == id && c.UserId == userId, ct) ? await LoadAsync(id, ct) : null;

    public async Task<Channel?> FindByKeyAsync(ChannelKey key, CancellationToken ct) =>
        await db.Channels.Where(c => c.Key == key.Value).Select(c => (Guid?)c.Id).SingleOrDefaultAsync(ct) is { } id ? await LoadAsync(id, ct) : null;

    public async Task<bool> TrySaveAsync(Channel channel, CancellationToken ct)
    {
        var events = channel.UnsavedEvents().Cast<ChannelEvent>().ToList();
        var before = channel.Version - events.Count;
        if (!await ProjectAsync(channel, before, ct))
            return false;
        if (!channel.State.IsDeleted)
        {
            db.ChannelEvents.AddRange(events.Select((e, i) => new ChannelEventRow
            {
                ChannelId = channel.Id,
                Version = before + i + 1,
                Type = ChannelJson.NameOf(e),
                Data = ChannelJson.Write(e),
                At = e.At,
            }));
            await db.SaveChangesAsync(ct);
            if (ChannelSnapshot.IsDue(before, channel.Version))
                await KeepSnapshotAsync(channel, ct);
        }

        channel.MarkSaved();
        return true;
    }

    public async Task<IReadOnlyList<ChannelSummary>> ListAsync(ChannelFilter filter, CancellationToken ct)
    {
        var channels = db.Channels.Where(c => c.UserId == filter.UserId);
        if (filter.Type is not null)
            channels = channels.Where(c => c.Type == filter.Type.Name);
        if (filter.IsPaused is { } isPaused)
            channels = channels.Where(c => c.IsPaused == isPaused);
        if (filter.BeforeId is { } before)
            channels = channels.Where(c => c.Id < before);
        return await channels.OrderByDescending(c => c.Id).Take(filter.Limit)
            .Select(c => new ChannelSummary(c.Id, ChannelType.Of(c.Type), ChannelName.Stored(c.Name), new ChannelKey(c.Key), c.IsPaused, c.RegisteredAt, c.Version)).ToListAsync(ct);
    }

    public async Task<IReadOnlyDictionary<ChannelType, int>> CountAsync(Guid userId, CancellationToken ct)
    {
        var counts = await db.Channels.Where(c => c.UserId == userId).GroupBy(c => c.Type).Select(group => new { Type = group.Key, Count = group.Count() }).ToListAsync(ct);
        return counts.ToDictionary(c => ChannelType.Of(c.Type), c => c.Count);
    }

    public async Task<IReadOnlyList<RecordedEvent>?> HistoryAsync(Guid id, Guid userId, long afterVersion, int limit, CancellationToken ct) =>
        await db.Channels.AnyAsync(c => c.Id == id && c.UserId == userId, ct) ? await EventsAsync(id, afterVersion, limit, ct) : null;

    // Events and snapshots go with their channels.
    public Task EraseAsync(Guid userId, CancellationToken ct) => db.Channels.Where(c => c.UserId == userId).ExecuteDeleteAsync(ct);

    /// <summary>Writes the projection, on the condition that nobody else did since the channel was loaded; waits for whoever is about to.</summary>
    private async Task<bool> ProjectAsync(Channel channel, long before, CancellationToken ct)
    {
        var state = channel.State;
        if (before == 0)
        {
            db.Channels.Add(new ChannelRow
            {
                Id = channel.Id,
                UserId = state.UserId,
                Version = channel.Version,
                Type = state.Type.Name,
                Name = state.Name.Value,
                Key = state.Key.Value,
                IsPaused = state.IsPaused,
                RegisteredAt = state.RegisteredAt,
            });
            await db.SaveChangesAsync(ct);
            return true;
        }

        var row = db.Channels.Where(c => c.Id == channel.Id && c.Version == before);
        var changed = state.IsDeleted
            ? await row.ExecuteDeleteAsync(ct)
            : await row.ExecuteUpdateAsync(set => set.SetProperty(c => c.Version, channel.Version).SetProperty(c => c.Name, state.Name.Value).SetProperty(c => c.IsPaused, state.IsPaused), ct);
        return changed == 1;
    }

    private async Task<Channel> LoadAsync(Guid id, CancellationToken ct)
    {
        var kept = await db.ChannelSnapshots.AsNoTracking().SingleOrDefaultAsync(s => s.ChannelId == id, ct);
        var snapshot = kept is null ? null : new ChannelSnapshot(kept.Version, ChannelJson.ReadState(kept.State));
        var events = await EventsAsync(id, snapshot?.Version ?? 0, int.MaxValue, ct);
        return Channel.Restore(id, snapshot, events.Select(e => e.Event));
    }

    private async Task<List<RecordedEvent>> EventsAsync(Guid id, long afterVersion, int limit, CancellationToken ct)
    {
        var rows = await db.ChannelEvents.AsNoTracking().Where(e => e.ChannelId == id && e.Version > afterVersion).OrderBy(e => e.Version).Take(limit).ToListAsync(ct);
        return [.. rows.Select(row => new RecordedEvent(row.Version, ChannelJson.ReadEvent(row.Type, row.Data)))];
    }

    private Task KeepSnapshotAsync(Channel channel, CancellationToken ct) => db.Database.ExecuteSqlAsync($"""
        insert into channel_snapshots (channel_id, version, state) values ({channel.Id}, {channel.Version}, {ChannelJson.Write(channel.State)}::jsonb)
        on conflict (channel_id) do update set version = excluded.version, state = excluded.state
        """, ct);
}
