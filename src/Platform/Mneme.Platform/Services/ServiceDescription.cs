using Microsoft.AspNetCore.Routing;
using Mneme.Platform.Domain;
using Mneme.Platform.Jobs;
using Mneme.Platform.Messaging;

namespace Mneme.Platform.Services;

/// <summary>What a service declared of itself. Everything that decides about topology reads this and nothing else.</summary>
public sealed class ServiceDescription(string name)
{
    public string Name { get; } = name;

    /// <summary>The service's own <see cref="Persistence.ServiceDb"/>; null for services that store nothing.</summary>
    public Type? Database { get; internal set; }

    /// <summary>Upper limit of pooled connections to this service's database, per process.</summary>
    public int PoolSize { get; internal set; }

    public IReadOnlyCollection<EventType> Publishes => PublishedEvents;

    public IReadOnlyCollection<EventSubscription> Subscriptions => EventSubscriptions;

    public IReadOnlyCollection<DomainEventSubscription> DomainEventSubscriptions => DomainEventHandlers;

    public IReadOnlyCollection<AskType> Asks => AskedRequests;

    public IReadOnlyCollection<AskAnswer> Answers => AnsweredRequests;

    public IReadOnlyCollection<JobDefinition> Jobs => JobDefinitions;

    /// <summary>Implementation of <see cref="Security.IPersonalData"/>; the program refuses to start a storing service without one.</summary>
    public Type? PersonalData { get; internal set; }

    public IReadOnlyCollection<Type> Options => OptionTypes;

    internal List<EventType> PublishedEvents { get; } = [];

    internal List<DomainEventSubscription> DomainEventHandlers { get; } = [];

    internal List<EventSubscription> EventSubscriptions { get; } = [];

    internal List<AskType> AskedRequests { get; } = [];

    internal List<AskAnswer> AnsweredRequests { get; } = [];

    internal List<JobDefinition> JobDefinitions { get; } = [];

    internal List<Type> OptionTypes { get; } = [];

    internal List<Action<IEndpointRouteBuilder>> ApiEndpoints { get; } = [];

    internal List<Action<IEndpointRouteBuilder>> RootEndpoints { get; } = [];
}
