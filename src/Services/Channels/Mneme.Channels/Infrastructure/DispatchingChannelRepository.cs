using Mneme.Channels.Domain;
using Mneme.Platform.Domain;

namespace Mneme.Channels.Infrastructure;

/// <summary>
/// What features are given as <see cref="IChannelRepository"/>: whichever adapter is configured, and around it the dispatching of domain events, so that no feature can forget it.
/// The adapter comes last. If it keeps channels elsewhere than PostgreSQL, all else is then written and only waits for its commit: only if that very commit
/// fails, the channel is changed and nobody is told (docs/services/channels.md, "Where channels are kept").
/// </summary>
internal sealed class DispatchingChannelRepository(IChannelRepository inner, DomainEvents events, ChannelsDb db) : IChannelRepository
{
    public async Task<bool> TrySaveAsync(Channel channel, CancellationToken ct)
    {
        await events.DispatchAsync(channel, ct);
        await db.SaveChangesAsync(ct);
        return await inner.TrySaveAsync(channel, ct);
    }

    public Task<Channel?> FindAsync(Guid id, Guid userId, CancellationToken ct) => inner.FindAsync(id, userId, ct);

    public Task<Channel?> FindByKeyAsync(ChannelKey key, CancellationToken ct) => inner.FindByKeyAsync(key, ct);

    public Task<IReadOnlyList<ChannelSummary>> ListAsync(ChannelFilter filter, CancellationToken ct) => inner.ListAsync(filter, ct);

    public Task<IReadOnlyDictionary<ChannelType, int>> CountAsync(Guid userId, CancellationToken ct) => inner.CountAsync(userId, ct);

    public Task<IReadOnlyList<RecordedEvent>?> HistoryAsync(Guid id, Guid userId, long afterVersion, int limit, CancellationToken ct) =>
        inner.HistoryAsync(id, userId, afterVersion, limit, ct);

    public Task EraseAsync(Guid userId, CancellationToken ct) => inner.EraseAsync(userId, ct);
}
