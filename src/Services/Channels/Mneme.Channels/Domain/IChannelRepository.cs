namespace Mneme.Channels.Domain;

/// <summary>
/// Where channels are kept: a port, because installations differ in where they want them (<c>Channels__Repository</c>). Its adapters pass one suite of tests, which says
/// more exactly than this page what they promise.
/// </summary>
internal interface IChannelRepository
{
    /// <summary>A person's channel, in its present state; null if there is none, or if it is another person's.</summary>
    Task<Channel?> FindAsync(Guid id, Guid userId, CancellationToken ct);

    /// <summary>The channel that an address names; null if there is none.</summary>
    Task<Channel?> FindByKeyAsync(ChannelKey key, CancellationToken ct);

    /// <summary>Adds what happened to the channel to its history, all of it or nothing. A deleted channel goes with its history.</summary>
    /// <returns>False if the channel was changed since it was loaded: nothing of the operation may be committed then.</returns>
    Task<bool> TrySaveAsync(Channel channel, CancellationToken ct);

    /// <summary>A person's channels, newest first.</summary>
    Task<IReadOnlyList<ChannelSummary>> ListAsync(ChannelFilter filter, CancellationToken ct);

    /// <summary>How many channels of each type a person has; types without any may be missing.</summary>
    Task<IReadOnlyDictionary<ChannelType, int>> CountAsync(Guid userId, CancellationToken ct);

    /// <summary>What happened to a person's channel after a version, in order; null if there is no such channel.</summary>
    Task<IReadOnlyList<RecordedEvent>?> HistoryAsync(Guid id, Guid userId, long afterVersion, int limit, CancellationToken ct);

    /// <summary>Forgets all channels of a person, with their histories.</summary>
    Task EraseAsync(Guid userId, CancellationToken ct);
}

/// <summary>Which channels to list; what is null does not restrict.</summary>
internal sealed record ChannelFilter(Guid UserId, ChannelType? Type, bool? IsPaused, Guid? BeforeId, int Limit);

/// <summary>A channel in a list.</summary>
internal sealed record ChannelSummary(Guid Id, ChannelType Type, ChannelName Name, ChannelKey Key, bool IsPaused, DateTimeOffset RegisteredAt, long Version);

/// <summary>An event in a channel's history.</summary>
/// <param name="Version">Version of the channel after it, from 1.</param>
/// <param name="Event">What happened.</param>
internal sealed record RecordedEvent(long Version, ChannelEvent Event);
