namespace Mneme.Channels.Domain;

/// <summary>What a channel is, as its history tells: a pure fold over its events, and the one place that says what an event means.</summary>
internal sealed record ChannelState(
    Guid UserId, ChannelType Type, ChannelName Name, ChannelKey Key, ChannelSettings Settings, int SecretGeneration, bool IsPaused, bool IsDeleted, DateTimeOffset RegisteredAt)
{
    /// <summary>The state after an event.</summary>
    /// <param name="before">Null before the first event, which is <see cref="Registered"/>.</param>
    /// <param name="happened">The event.</param>
    public static ChannelState After(ChannelState? before, ChannelEvent happened) => (before, happened) switch
    {
        (null, Registered e) => new ChannelState(e.UserId, e.Type, e.Name, e.Key, e.Settings, SecretGeneration: 1, IsPaused: false, IsDeleted: false, e.At),
        ({ } state, Renamed e) => state with { Name = e.Name },
        ({ } state, Paused) => state with { IsPaused = true },
        ({ } state, Resumed) => state with { IsPaused = false },
        ({ } state, SecretRotated e) => state with { SecretGeneration = e.Generation },
        ({ } state, Deleted) => state with { IsDeleted = true },
        _ => throw new InvalidOperationException($"{happened.GetType().Name} cannot happen to a channel that {(before is null ? "does not exist" : "exists")}."),
    };
}

/// <summary>A state that was kept, so that loading need not begin with the first event.</summary>
/// <param name="Version">Version of the channel: how many events the state contains.</param>
/// <param name="State">The state.</param>
internal sealed record ChannelSnapshot(long Version, ChannelState State)
{
    /// <summary>How many events pass from one snapshot to the next.</summary>
    public const int Interval = 20;

    /// <summary>Whether a snapshot is due after a change from one version to another.</summary>
    public static bool IsDue(long before, long after) => after / Interval > before / Interval;
}
