using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Mneme.Platform.Asking;
using Mneme.Platform.Asking.Brokers;
using Mneme.Platform.Caching;
using Mneme.Platform.Configuration;
using Mneme.Platform.Domain;
using Mneme.Platform.Http;
using Mneme.Platform.Jobs;
using Mneme.Platform.Messaging;
using Mneme.Platform.Observability;
using Mneme.Platform.Persistence;
using Mneme.Platform.Security;
using Mneme.Platform.Security.Certificates;
using Mneme.Platform.Services;

namespace Mneme.Platform.Hosting;

/// <summary>Puts services into a host: the same steps whichever services run here.</summary>
public static class PlatformHosting
{
    /// <summary>Describes the services, and registers them with everything the platform gives each of them.</summary>
    /// <param name="builder">The host.</param>
    /// <param name="services">The services that run in this process.</param>
    /// <param name="system">Descriptions of every service of the system, wherever it runs.</param>
    /// <param name="backends">The brokers that can be chosen.</param>
    /// <param name="complete">What the composition root adds to each service.</param>
    public static ServiceRegistry AddPlatform(
        this WebApplicationBuilder builder, IReadOnlyList<IService> services, IReadOnlyList<ServiceDescription> system, IReadOnlyList<IMessagingBackend> backends, Action<ServiceDescription> complete)
    {
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Logging.AddPlatformLogging(builder.Configuration);
        builder.Services.AddValidatedOptions<LoggingOptions>(builder.Configuration);
        builder.AddPlatformTelemetry();
        builder.Services.AddValidatedOptions<DataOptions>(builder.Configuration);
        builder.Services.AddValidatedOptions<DatabaseOptions>(builder.Configuration);
        builder.Services.AddValidatedOptions<MessagingOptions>(builder.Configuration);
        builder.Services.AddValidatedOptions<HttpOptions>(builder.Configuration);
        builder.Services.AddValidatedOptions<TokenOptions>(builder.Configuration);
        var registry = new ServiceRegistry([.. services.Select(service => Describe(service, builder.Services, builder.Configuration, complete))]);
        builder.Services.AddSingleton(registry);
        builder.Services.AddSingleton<Migrator>();
        builder.Services.AddSingleton(provider => new Databases(
            provider.GetRequiredService<DatabaseServer>(), provider.GetRequiredService<DatabaseOptions>(),
            registry.Services.Where(s => s.Database is not null).ToDictionary(s => s.Name, s => s.PoolSize, StringComparer.Ordinal),
            provider.GetRequiredService<ILoggerFactory>()));
        builder.Services.AddMemoryCaching();
        builder.Services.AddScoped<CurrentService>();
        builder.Services.AddScoped<DomainEvents>();
        builder.Services.AddScoped<CurrentJob>();
        builder.Services.AddScoped(provider => provider.GetRequiredService<CurrentJob>().Context ?? throw new InvalidOperationException("There is no job in this scope."));
        builder.Services.AddPlatformAsking(builder.Configuration);
        builder.Services.AddSingleton<RevokedSessions>();
        builder.Services.AddSingleton<AccessTokenVerifier>();
        var messaging = builder.Configuration.GetSection(MessagingOptions.Section).Get<MessagingOptions>() ?? new MessagingOptions();
        foreach (var service in registry.Services.Where(s => s.Database is not null))
            AddStoring(builder.Services, service, messaging.HeavyJobs);
        AddTransport(builder, registry, system, messaging.Backend == MessagingOptions.InProcess ? null : backends.Single(backend => backend.Name == messaging.Backend));
        builder.AddPlatformHttp(registry);
        return registry;
    }

    /// <param name="builder">The host.</param>
    /// <param name="registry">The services that run here.</param>
    /// <param name="system">Every service of the system.</param>
    /// <param name="backend">The broker; null to hand events over within this process.</param>
    private static void AddTransport(WebApplicationBuilder builder, ServiceRegistry registry, IReadOnlyList<ServiceDescription> system, IMessagingBackend? backend)
    {
        var consumers = registry.Services.Where(s => s.Subscriptions.Count > 0).Select(s => s.Name).ToList();
        if (backend is null)
        {
            builder.Services.AddSingleton<IEventTransport>(provider => new InProcessTransport(consumers.Select(name => provider.GetRequiredKeyedService<EventConsumer>(name))));
            return;
        }

        builder.Services.AddSingleton(EventRoutes.Of(registry.Services, system));
        backend.Register(builder.Services, builder.Configuration);
        if (builder.Configuration.GetSection(AskOptions.Section).Get<AskOptions>() is { Transport: AskTransport.Broker })
        {
            (backend as IAskingBackend ?? throw new InvalidOperationException($"Asks cannot travel over {backend.Name}: set Ask__Transport=Http, or choose another Messaging__Backend."))
                .RegisterAsking(builder.Services, builder.Configuration);
        }

        foreach (var consumer in consumers)
            builder.Services.AddSingleton(provider => backend.CreateListener(provider.GetRequiredKeyedService<EventConsumer>(consumer), provider));
        builder.Services.AddSingleton<IHostedService, EventListeners>();
    }

    /// <summary>Creates what is missing of the databases and brings them to this version's schema.</summary>
    public static Task MigrateAsync(this IServiceProvider provider, CancellationToken ct) =>
        provider.ForEachDatabaseAsync((migrator, connection, service, assemblies) => migrator.ApplyAsync(connection, service, assemblies, ct), ct);

    /// <summary>Checks that the databases have this version's schema.</summary>
    /// <exception cref="MigrationException">One has not.</exception>
    public static Task VerifySchemaAsync(this IServiceProvider provider, CancellationToken ct) =>
        provider.ForEachDatabaseAsync((migrator, connection, service, assemblies) => migrator.VerifyAsync(connection, service, assemblies, ct), ct);

    private static async Task ForEachDatabaseAsync(this IServiceProvider provider, Func<Migrator, string, string, IEnumerable<Assembly>, Task> act, CancellationToken ct)
    {
        var server = provider.GetRequiredService<DatabaseServer>();
        var migrator = provider.GetRequiredService<Migrator>();
        var storing = provider.GetRequiredService<ServiceRegistry>().Services.Where(s => s.Database is not null).ToList();
        await server.CreateMissingAsync([.. storing.Select(s => s.Name)], ct);
        foreach (var service in storing)
            await act(migrator, server.ConnectionString(service.Name), service.Name, [typeof(ServiceDb).Assembly, service.Database!.Assembly]);
    }

    /// <summary>Options of the platform itself.</summary>
    public static IReadOnlyList<OptionsType> OptionsTypes { get; } =
        [OptionsType.Of<AskOptions>(), OptionsType.Of<CertificateOptions>(), OptionsType.Of<DataOptions>(), OptionsType.Of<DatabaseOptions>(), OptionsType.Of<HttpOptions>(), OptionsType.Of<LoggingOptions>(), OptionsType.Of<MessagingOptions>(),
         OptionsType.Of<TelemetryOptions>(), OptionsType.Of<TokenOptions>()];

    /// <summary>Lets a service describe itself, and adds what is the same for all.</summary>
    /// <exception cref="InvalidOperationException">It stores data and does not say how it exports and erases a person.</exception>
    public static ServiceDescription Describe(IService service, IServiceCollection services, IConfiguration configuration, Action<ServiceDescription>? complete)
    {
        var description = new ServiceDescription(service.Name);
        service.Describe(new ServiceBuilder(description, services, configuration));
        if (description.PersonalData is not null)
            description.AnsweredRequests.Add(AskAnswer.Create<ExportPersonalData, PersonalDataExport>(PersonalDataRequests.Export));
        if (description.Database is not null)
            description.JobDefinitions.Add(JobDefinition.Recurring(Retention.JobKind, Retention.Interval, Retention.RunAsync, JobPolicy.Default));
        complete?.Invoke(description);
        return description.Database is null || description.PersonalData is not null
            ? description
            : throw new InvalidOperationException($"'{service.Name}' stores data and does not say how it exports and erases a person: declare PersonalData<…>() in its Describe.");
    }

    /// <summary>Makes a service forget people on <typeparamref name="TEvent"/>. Called for every service in the composition root, so that none can leave it out.</summary>
    public static void EraseOn<TEvent>(this ServiceDescription service, Func<TEvent, Guid> userId)
        where TEvent : IIntegrationEvent
    {
        if (service.PersonalData is null)
            return;
        service.EventSubscriptions.Add(EventSubscription.Create<TEvent>(
            (TEvent e, IServiceProvider services, CancellationToken ct) => PersonalDataRequests.EraseAsync(userId(e), services, service, ct), isErasure: true));
    }

    private static void AddStoring(IServiceCollection services, ServiceDescription service, HeavyJobPlace heavyJobs)
    {
        services.AddKeyedSingleton<ServiceSignals>(service.Name);
        services.AddKeyedSingleton(service.Name, (provider, _) => ActivatorUtilities.CreateInstance<EventConsumer>(
            provider, service, provider.GetRequiredKeyedService<ServiceSignals>(service.Name)));
        services.AddSingleton<IHostedService>(provider => ActivatorUtilities.CreateInstance<OutboxRelay>(
            provider, service.Name, provider.GetRequiredService<Databases>().DataSource(service.Name), provider.GetRequiredKeyedService<ServiceSignals>(service.Name)));
        services.AddSingleton<IHostedService>(provider => ActivatorUtilities.CreateInstance<OutboxWatch>(
            provider, service.Name, provider.GetRequiredService<Databases>().DataSource(service.Name), new Signal()));
        if (service.Subscriptions.Count > 0)
        {
            services.AddKeyedSingleton(service.Name + ".retries", new Signal());
            services.AddSingleton<IHostedService>(provider => ActivatorUtilities.CreateInstance<RetryLoop>(
                provider, provider.GetRequiredKeyedService<EventConsumer>(service.Name), provider.GetRequiredKeyedService<Signal>(service.Name + ".retries")));
        }

        var light = service.Jobs.Where(job => !job.Policy.IsHeavy || heavyJobs == HeavyJobPlace.Here).ToList();
        if (light.Count > 0)
            services.AddSingleton<IHostedService>(provider => Worker(provider, service, light));
        if (light.Count < service.Jobs.Count)
        {
            services.AddSingleton<IHostedService>(provider => ActivatorUtilities.CreateInstance<HeavyJobLoop>(
                provider, service, provider.GetRequiredService<Databases>().DataSource(service.Name), new Signal()));
        }
    }

    internal static JobWorker Worker(IServiceProvider provider, ServiceDescription service, IReadOnlyList<JobDefinition> jobs) =>
        ActivatorUtilities.CreateInstance<JobWorker>(
            provider, service, jobs, provider.GetRequiredService<Databases>().DataSource(service.Name), provider.GetRequiredKeyedService<ServiceSignals>(service.Name));
}
