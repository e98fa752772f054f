using Mneme.Platform.Services;

namespace Mneme.Platform.Messaging;

/// <summary>A consumer and the types of events it wants, by their names on the wire.</summary>
public sealed record ConsumerRoute(string Consumer, IReadOnlyList<EventType> Types)
{
    public IEnumerable<string> Topics => Types.Select(type => type.Topic).Distinct(StringComparer.Ordinal);
}

/// <summary>
/// Which events go to which consumers, as far as this process has to do with them. From it a process declares what its broker needs: the topics that it
/// publishes to <em>with</em> the consumers of these topics, wherever they run, so that an event that is published before its consumer was ever started waits for it.
/// </summary>
public sealed class EventRoutes
{
    private EventRoutes(IReadOnlyList<string> topics, IReadOnlyList<ConsumerRoute> consumers) => (Topics, Consumers) = (topics, consumers);

    /// <summary>Every topic that is published to or consumed from here, in alphabetical order.</summary>
    public IReadOnlyList<string> Topics { get; }

    /// <summary>The consumers that run here, and those anywhere of what is published here.</summary>
    public IReadOnlyList<ConsumerRoute> Consumers { get; }

    public bool IsConsumed(string eventType) => Consumers.Any(route => route.Types.Any(type => type.Name == eventType));

    /// <param name="here">The services that run in this process.</param>
    /// <param name="system">Every service of the system; those that run here may be among them.</param>
    public static EventRoutes Of(IReadOnlyList<ServiceDescription> here, IEnumerable<ServiceDescription> system)
    {
        var published = here.SelectMany(service => service.Publishes).Select(type => type.Topic).ToHashSet(StringComparer.Ordinal);
        var consumers = here.Concat(system).DistinctBy(service => service.Name)
            .Where(service => service.Subscriptions.Count > 0)
            .Where(service => here.Contains(service) || service.Subscriptions.Any(s => published.Contains(s.Type.Topic)))
            .Select(service => new ConsumerRoute(service.Name, [.. service.Subscriptions.Select(s => s.Type).OrderBy(type => type.Name, StringComparer.Ordinal)]))
            .OrderBy(route => route.Consumer, StringComparer.Ordinal)
            .ToList();
        var topics = published.Concat(consumers.SelectMany(route => route.Topics)).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        return new EventRoutes(topics, consumers);
    }
}
