using Mneme.Platform.Services;

namespace Mneme.Platform.Domain;

/// <summary>
/// Dispatches domain events to the handlers that the service declared with <see cref="ServiceBuilder.OnDomainEvent{TEvent}"/>: at once, in the order in which they happened and
/// in the order of the declarations, in the transaction of what raised them. So everything that follows from a change is saved with it, or nothing is; what may
/// happen later, or elsewhere, belongs into the outbox or a job.
/// </summary>
public sealed class DomainEvents(CurrentService current, ServiceRegistry registry, IServiceProvider services)
{
    /// <summary>Dispatches what happened to an aggregate since it was loaded. Called by whoever saves it, before <c>SaveChanges</c>.</summary>
    /// <exception cref="Exception">A handler failed; the transaction must not be committed.</exception>
    public async Task DispatchAsync(AggregateRoot aggregate, CancellationToken ct)
    {
        var subscriptions = registry.Find(current.Name)?.DomainEventSubscriptions ?? [];
        foreach (var domainEvent in aggregate.UnsavedEvents())
        {
            foreach (var subscription in subscriptions.Where(s => s.EventType == domainEvent.GetType()))
                await subscription.Handle(domainEvent, services, ct);
        }
    }
}
