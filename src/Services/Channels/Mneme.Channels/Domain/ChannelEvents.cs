using Mneme.Platform.Domain;

namespace Mneme.Channels.Domain;

/// <summary>A fact in a channel's life. Facts are stored for as long as the channel lives: a record here only ever grows, by properties that may be missing.</summary>
/// <param name="ChannelId">The channel.</param>
/// <param name="At">When it happened.</param>
internal abstract record ChannelEvent(Guid ChannelId, DateTimeOffset At) : IDomainEvent;

/// <summary>The first fact about every channel.</summary>
internal sealed record Registered(Guid ChannelId, DateTimeOffset At, Guid UserId, ChannelType Type, ChannelName Name, ChannelKey Key, ChannelSettings Settings) : ChannelEvent(ChannelId, At);

internal sealed record Renamed(Guid ChannelId, DateTimeOffset At, ChannelName Name) : ChannelEvent(ChannelId, At);

/// <summary>From now on messages are turned away.</summary>
internal sealed record Paused(Guid ChannelId, DateTimeOffset At) : ChannelEvent(ChannelId, At);

/// <summary>From now on messages are received again; those sent meanwhile are not.</summary>
internal sealed record Resumed(Guid ChannelId, DateTimeOffset At) : ChannelEvent(ChannelId, At);

/// <summary>Only the secret of this generation is valid from now on.</summary>
internal sealed record SecretRotated(Guid ChannelId, DateTimeOffset At, int Generation) : ChannelEvent(ChannelId, At);

/// <summary>The last fact about a channel; told, and not stored, because the history goes with the channel.</summary>
internal sealed record Deleted(Guid ChannelId, DateTimeOffset At) : ChannelEvent(ChannelId, At);
