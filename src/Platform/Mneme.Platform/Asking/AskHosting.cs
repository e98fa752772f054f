using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Mneme.Platform.Asking.Brokers;
using Mneme.Platform.Configuration;
using Mneme.Platform.Messaging;
using Mneme.Platform.Observability;
using Mneme.Platform.Security;
using Mneme.Platform.Security.Certificates;
using Mneme.Platform.Services;

namespace Mneme.Platform.Asking;

/// <summary>Registers what asking needs: always the way to services in this process, and what is configured of the ways out and in.</summary>
public static class AskHosting
{
    internal static void AddPlatformAsking(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddValidatedOptions<CertificateOptions>(configuration);
        services.AddValidatedOptions<AskOptions>(configuration);
        services.AddSingleton<LocalAnswers>();
        services.AddScoped<IAsk, Asker>();
        services.AddSingleton(provider => new CertificateFolder(provider.GetRequiredService<CertificateOptions>().FolderIn(provider.GetRequiredService<DataOptions>())));
        services.AddSingleton<ServiceCertificates>();
        services.AddSingleton<AskRefusals>();
        services.AddSingleton<AskListener>();
        services.AddSingleton(provider => new ConsulClient(provider.GetRequiredService<AskOptions>().Consul));
        var options = configuration.GetSection(AskOptions.Section).Get<AskOptions>() ?? new AskOptions();
        if (!options.IsConfigured)
            return;
        services.AddSingleton<RemoteAsk>();
        if (options.Transport == AskTransport.Broker)
        {
            // Who carries them is the backend's to register: AddPlatform does it, and the gateway, which has no other use for one.
            services.AddSingleton<Signers>();
            services.AddSingleton<SeenRequests>(provider => new SeenRequests(provider.GetRequiredService<TimeProvider>()));
            services.AddSingleton<IAskCarrier, BrokerCarrier>();
            services.AddSingleton<BrokerAnswers>();
            services.AddSingleton<BrokerAnswering>();
            return;
        }

        services.AddSingleton<IServiceDiscovery>(provider => new ConfiguredAddresses(options, DiscoveryOf(options.Discovery, provider)));
        services.AddSingleton<IAskCarrier, HttpCarrier>();
        switch (options.Discovery)
        {
            case AskDiscovery.Dns:
                services.AddSingleton<DnsDiscovery>();
                break;
            case AskDiscovery.Consul:
                services.AddSingleton<ConsulDiscovery>();
                break;
        }
    }

    /// <summary>For a process without Identity: learns from it, wherever it runs, what is needed to judge access tokens.</summary>
    public static void AddIdentityMirror(this IServiceCollection services)
    {
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<IdentityMirror>(provider, new Signal()));
        services.AddSingleton<IVerificationKeys>(provider => provider.GetRequiredService<IdentityMirror>());
        services.AddHostedService(provider => provider.GetRequiredService<IdentityMirror>());
        services.AddSingleton(provider => new Dependency("keys and ended sessions of identity", _ =>
            provider.GetRequiredService<IdentityMirror>().IsReady ? Task.CompletedTask : Task.FromException(new IdentityUnreachableException())));
    }

    /// <summary>Declares that a service asks what every service with a token to judge asks of Identity.</summary>
    public static void VerifiesTokens(this ServiceDescription service)
    {
        foreach (var request in (AskType[])[AskType.Of(typeof(GetVerificationKeys)), AskType.Of(typeof(GetEndedSessions))])
        {
            if (!service.Answers.Any(answer => answer.Type == request))
                service.AskedRequests.Add(request);
        }
    }

    private static IServiceDiscovery? DiscoveryOf(AskDiscovery kind, IServiceProvider provider) => kind switch
    {
        AskDiscovery.Dns => provider.GetRequiredService<DnsDiscovery>(),
        AskDiscovery.Consul => provider.GetRequiredService<ConsulDiscovery>(),
        _ => null,
    };
}
