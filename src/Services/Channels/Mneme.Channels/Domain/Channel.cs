using Mneme.Platform.Domain;

namespace Mneme.Channels.Domain;

/// <summary>
/// A way by which a person's messages come in. It is event-sourced: what is stored is its history, and its state is the fold of it. So every method guards, then lets
/// an event happen; only <see cref="ChannelState.After"/> changes anything.
/// </summary>
internal sealed class Channel : AggregateRoot
{
    private Channel(Guid id)
    {
        Id = id;
        // Version counts the events, and none has happened yet.
        Version = 0;
    }

    public ChannelState State { get; private set; } = null!;

    public static Channel Register(Guid userId, ChannelType type, ChannelName name, ChannelSettings settings, DateTimeOffset now)
    {
        var channel = new Channel(Guid.CreateVersion7(now));
        channel.Happen(new Registered(channel.Id, now, userId, type, name, ChannelKey.New(), settings));
        return channel;
    }

    /// <summary>Brings a channel back from what is stored.</summary>
    /// <param name="id">The channel.</param>
    /// <param name="snapshot">Where to begin; null for the beginning.</param>
    /// <param name="events">What happened after the snapshot, in order.</param>
    public static Channel Restore(Guid id, ChannelSnapshot? snapshot, IEnumerable<ChannelEvent> events)
    {
        var channel = new Channel(id) { State = snapshot?.State!, Version = snapshot?.Version ?? 0 };
        foreach (var e in events)
            channel.Take(e);
        return channel;
    }

    public void Rename(ChannelName name, DateTimeOffset now)
    {
        if (name != State.Name)
            Happen(new Renamed(Id, now, name));
    }

    public void Pause(DateTimeOffset now)
    {
        if (!State.IsPaused)
            Happen(new Paused(Id, now));
    }

    public void Resume(DateTimeOffset now)
    {
        if (State.IsPaused)
            Happen(new Resumed(Id, now));
    }

    /// <exception cref="InvalidOperationException">Channels of this type have no secret.</exception>
    public void RotateSecret(DateTimeOffset now)
    {
        if (!State.Type.HasSecret)
            throw new InvalidOperationException($"A channel of type {State.Type} has no secret.");
        Happen(new SecretRotated(Id, now, State.SecretGeneration + 1));
    }

    public void Delete(DateTimeOffset now) => Happen(new Deleted(Id, now));

    public ChannelSecret? Secret(byte[] installationKey) => State.Type.HasSecret ? ChannelSecret.Derive(installationKey, Id, State.Type, State.SecretGeneration) : null;

    private void Happen(ChannelEvent e)
    {
        Take(e);
        Raise(e);
    }

    private void Take(ChannelEvent e)
    {
        State = ChannelState.After(State, e);
        Version++;
    }
}
