namespace Mneme.Platform.Domain;

/// <summary>
/// A fact about an aggregate, in the language of its own service and for that service alone. What others may know is an
/// <see cref="Messaging.IIntegrationEvent"/> instead, which a handler of the domain event makes of it.
/// </summary>
public interface IDomainEvent;
