using Mneme.Channels.Domain;

namespace Mneme.Channels.Infrastructure;

/// <summary>
/// Channels in this process's memory, for trying out and for tests: gone when the program ends, unknown to other processes, and not undone when the operation's
/// transaction is.
/// </summary>
internal sealed class InMemoryChannelRepository : IChannelRepository
{
    private readonly Dictionary<Guid, List<ChannelEvent>> _histories = [];
    private readonly Lock _lock = new();

    public Task<Channel?> FindAsync(Guid id, Guid userId, CancellationToken ct) => Task.FromResult(Find(channel => channel.Id == id && channel.State.UserId == userId).SingleOrDefault());

    public Task<Channel?> FindByKeyAsync(ChannelKey key, CancellationToken ct) => Task.FromResult(Find(channel => channel.State.Key == key).SingleOrDefault());

    public Task<bool> TrySaveAsync(Channel channel, CancellationToken ct)
    {
        var events = channel.UnsavedEvents().Cast<ChannelEvent>().ToList();
        lock (_lock)
        {
            var history = _histories.GetValueOrDefault(channel.Id) ?? [];
            if (history.Count != channel.Version - events.Count)
                return Task.FromResult(false);
            if (channel.State.IsDeleted)
                _histories.Remove(channel.Id);
            else
                _histories[channel.Id] = [.. history, .. events];
        }

        channel.MarkSaved();
        return Task.FromResult(true);
    }

    public Task<IReadOnlyList<ChannelSummary>> ListAsync(ChannelFilter filter, CancellationToken ct) => Task.FromResult<IReadOnlyList<ChannelSummary>>(
        [.. Of(filter.UserId)
            .Where(channel => (filter.Type is null || channel.State.Type == filter.Type) && (filter.IsPaused is null || channel.State.IsPaused == filter.IsPaused))
            .Where(channel => filter.BeforeId is not { } before || channel.Id < before)
            .OrderByDescending(channel => channel.Id).Take(filter.Limit)
            .Select(channel => new ChannelSummary(channel.Id, channel.State.Type, channel.State.Name, channel.State.Key, channel.State.IsPaused, channel.State.RegisteredAt, channel.Version))]);

    public Task<IReadOnlyDictionary<ChannelType, int>> CountAsync(Guid userId, CancellationToken ct) =>
        Task.FromResult<IReadOnlyDictionary<ChannelType, int>>(Of(userId).CountBy(channel => channel.State.Type).ToDictionary());

    public async Task<IReadOnlyList<RecordedEvent>?> HistoryAsync(Guid id, Guid userId, long afterVersion, int limit, CancellationToken ct)
    {
        if (await FindAsync(id, userId, ct) is null)
            return null;
        lock (_lock)
            return [.. (_histories.GetValueOrDefault(id) ?? []).Select((e, i) => new RecordedEvent(i + 1, e)).Where(e => e.Version > afterVersion).Take(limit)];
    }

    public Task EraseAsync(Guid userId, CancellationToken ct)
    {
        var channels = Of(userId);
        lock (_lock)
        {
            foreach (var channel in channels)
                _histories.Remove(channel.Id);
        }

        return Task.CompletedTask;
    }

    private List<Channel> Of(Guid userId) => Find(channel => channel.State.UserId == userId);

    private List<Channel> Find(Predicate<Channel> which)
    {
        lock (_lock)
            return [.. _histories.Select(history => Channel.Restore(history.Key, snapshot: null, history.Value)).Where(channel => which(channel))];
    }
}
