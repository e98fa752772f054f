using System.Collections.Concurrent;
using System.Reflection;

namespace Mneme.Platform.Messaging;

/// <summary>An event's CLR type and its name on the wire.</summary>
/// <param name="Clr">The record in the contracts.</param>
/// <param name="Name">Wire name with version, such as <c>flashcard.reviewed.v1</c>.</param>
/// <param name="Topic">Family, such as <c>learning-events</c>.</param>
public sealed record EventType(Type Clr, string Name, string Topic)
{
    private static readonly ConcurrentDictionary<Type, EventType> Known = new();

    public static EventType Of<TEvent>()
        where TEvent : IIntegrationEvent => Of(typeof(TEvent));

    public static EventType Of(Type type) => Known.GetOrAdd(type, static t =>
    {
        var attribute = t.GetCustomAttribute<EventAttribute>()
            ?? throw new InvalidOperationException($"{t.Name} has no [Event(name, version, Topic = …)], so it has no name on the wire.");
        return new EventType(t, $"{attribute.Name}.v{attribute.Version}", attribute.Topic);
    });
}
