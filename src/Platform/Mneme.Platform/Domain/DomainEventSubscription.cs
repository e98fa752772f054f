using Mneme.Platform.Messaging;

namespace Mneme.Platform.Domain;

/// <summary>A service's handler for one type of its own domain events.</summary>
/// <param name="EventType">The type itself; handlers of base types do not exist.</param>
/// <param name="HandlerName">Name of the feature that reacts.</param>
/// <param name="Handle">Runs it in the current scope.</param>
public sealed record DomainEventSubscription(Type EventType, string HandlerName, HandlerInvocation Handle)
{
    internal static DomainEventSubscription Create<TEvent>(Delegate handler)
        where TEvent : IDomainEvent =>
        new(typeof(TEvent), handler.Method.DeclaringType?.Name ?? handler.Method.Name, HandlerDelegate.Compile(handler, typeof(TEvent)));
}
