using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Mneme.Platform.Configuration;
using Mneme.Platform.Domain;
using Mneme.Platform.Jobs;
using Mneme.Platform.Messaging;
using Mneme.Platform.Persistence;
using Mneme.Platform.Security;

namespace Mneme.Platform.Services;

/// <summary>The vocabulary in which a service describes itself.</summary>
public sealed class ServiceBuilder(ServiceDescription description, IServiceCollection services, IConfiguration configuration)
{
    public ServiceDescription Description { get; } = description;

    /// <summary>For adapters and policies of the service itself.</summary>
    public IServiceCollection Services { get; } = services;

    public IConfiguration Configuration { get; } = configuration;

    /// <summary>Declares the service's database: pooled contexts over a pool of at most <paramref name="poolSize"/> connections.</summary>
    public ServiceBuilder Database<TDb>(int poolSize = 8)
        where TDb : ServiceDb
    {
        var name = Description.Name;
        Description.Database = typeof(TDb);
        Description.PoolSize = poolSize;
        Services.AddDbContextPool<TDb>(
            (provider, options) => ServiceDb.Configure(options, provider.GetRequiredService<Databases>().DataSource(name)),
            poolSize: 64);
        return this;
    }

    /// <summary>Binds and validates a section of the configuration; its properties are documented in docs/configuration.md.</summary>
    public ServiceBuilder Options<TOptions>()
        where TOptions : class, IOptionsSection, new()
    {
        Description.OptionTypes.Add(typeof(TOptions));
        Services.AddValidatedOptions<TOptions>(Configuration);
        return this;
    }

    /// <summary>Routes under <c>/api/v1</c>, as a list of the features' <c>Map</c> methods.</summary>
    public ServiceBuilder Endpoints(params ReadOnlySpan<Action<IEndpointRouteBuilder>> maps)
    {
        Description.ApiEndpoints.AddRange(maps);
        return this;
    }

    /// <summary>Routes whose path a standard fixes outside <c>/api/v1</c>, such as <c>/.well-known/jwks.json</c>.</summary>
    public ServiceBuilder RootEndpoints(params ReadOnlySpan<Action<IEndpointRouteBuilder>> maps)
    {
        Description.RootEndpoints.AddRange(maps);
        return this;
    }

    public ServiceBuilder Publishes<TEvent>()
        where TEvent : IIntegrationEvent
    {
        Description.PublishedEvents.Add(EventType.Of<TEvent>());
        return this;
    }

    /// <summary>
    /// Subscribes a handler: a static method whose first parameter is the event or an <see cref="EventBatch{TEvent}"/>; the others come
    /// from the container. It runs in the transaction that records the delivery, so its effects happen once.
    /// </summary>
    public ServiceBuilder On<TEvent>(Delegate handler)
        where TEvent : IIntegrationEvent
    {
        Description.EventSubscriptions.Add(EventSubscription.Create<TEvent>(handler));
        return this;
    }

    /// <summary>
    /// Subscribes a handler to one of the service's own domain events: a static method whose first parameter is the event; the others come from the container.
    /// It runs in the transaction of the change, before it is saved; see <see cref="DomainEvents"/>.
    /// </summary>
    public ServiceBuilder OnDomainEvent<TEvent>(Delegate handler)
        where TEvent : IDomainEvent
    {
        Description.DomainEventHandlers.Add(DomainEventSubscription.Create<TEvent>(handler));
        return this;
    }

    /// <summary>Declares that this service asks <typeparamref name="TRequest"/> of another.</summary>
    public ServiceBuilder Asks<TRequest>()
        where TRequest : class
    {
        Description.AskedRequests.Add(AskType.Of(typeof(TRequest)));
        return this;
    }

    /// <summary>Answers a request: a static method <c>(request, …services, ct) → Task&lt;Outcome&lt;TResponse&gt;&gt;</c>.</summary>
    public ServiceBuilder Answers<TRequest, TResponse>(Delegate handler)
        where TRequest : class, IAsk<TResponse>
        where TResponse : class
    {
        Description.AnsweredRequests.Add(AskAnswer.Create<TRequest, TResponse>(handler));
        return this;
    }

    /// <summary>Declares a kind of job: a static method whose first parameter is the payload.</summary>
    public ServiceBuilder Job<TPayload>(string kind, Delegate handler, JobPolicy? policy = null)
        where TPayload : class
    {
        Description.JobDefinitions.Add(JobDefinition.Create<TPayload>(kind, handler, policy ?? JobPolicy.Default));
        return this;
    }

    /// <summary>Declares a job that re-inserts itself every <paramref name="interval"/>, however many instances run.</summary>
    public ServiceBuilder Recurring(string kind, TimeSpan interval, Delegate handler, JobPolicy? policy = null)
    {
        Description.JobDefinitions.Add(JobDefinition.Recurring(kind, interval, handler, policy ?? JobPolicy.Default));
        return this;
    }

    /// <summary>Declares how the service exports and erases a person.</summary>
    public ServiceBuilder PersonalData<TPersonalData>()
        where TPersonalData : class, IPersonalData
    {
        Description.PersonalData = typeof(TPersonalData);
        Services.AddKeyedScoped<IPersonalData, TPersonalData>(Description.Name);
        return this;
    }
}
