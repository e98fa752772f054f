namespace Mneme.IntegrationTests.Brokers;

/// <summary>A broker of the tests' own, which they stop, freeze and cut off. One test at a time uses it.</summary>
public interface IBroker
{
    /// <summary>Settings of an application that uses it.</summary>
    IReadOnlyDictionary<string, string?> Settings { get; }

    /// <summary>Makes what applications cannot declare themselves.</summary>
    /// <param name="prefix">The application's <c>Messaging__Prefix</c>.</param>
    /// <param name="topics">The topics that it publishes to and consumes from.</param>
    Task PrepareAsync(string prefix, IReadOnlyList<string> topics);

    /// <summary>Returns when what was declared would survive a crash.</summary>
    Task SettleAsync();

    /// <summary>Ends it as a crash does. What it confirmed is there after the next start.</summary>
    Task KillAsync();

    /// <summary>Starts it again, at the same address; returns when it serves.</summary>
    Task StartAsync();

    /// <summary>Lets it neither answer nor close anything, as a cut network does.</summary>
    void Freeze();

    void Thaw();

    /// <summary>Ends every connection from the broker's side.</summary>
    Task DisconnectAllAsync();

    /// <summary>Keeps what is published from now on for <see cref="ReplayAsync"/>, whoever acknowledges it.</summary>
    /// <param name="prefix">The application's <c>Messaging__Prefix</c>.</param>
    /// <param name="topic">The family of events.</param>
    Task KeepAsync(string prefix, string topic);

    /// <summary>Delivers to a consumer again what it has acknowledged, as a broker does that was set back to an earlier state. Nobody listens meanwhile.</summary>
    /// <param name="prefix">The application's <c>Messaging__Prefix</c>.</param>
    /// <param name="topic">The family of events, which <see cref="KeepAsync"/> was told of.</param>
    /// <param name="consumer">The consumer's name.</param>
    Task ReplayAsync(string prefix, string topic, string consumer);

    /// <summary>Publishes what may be no event, past our own publisher.</summary>
    /// <param name="prefix">The application's <c>Messaging__Prefix</c>.</param>
    /// <param name="topic">The family of events.</param>
    /// <param name="type">The event type that it pretends to be.</param>
    /// <param name="body">The message.</param>
    Task PublishRawAsync(string prefix, string topic, string type, string body);

    /// <summary>What listeners set aside because it was no event.</summary>
    Task<IReadOnlyList<string>> UnreadableAsync(string prefix);
}
