using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Mneme.Platform.Configuration;
using Mneme.Platform.Messaging;
using Mneme.Platform.Security.Certificates;

namespace Mneme.Platform.Asking;

/// <summary>Registers what asking needs: always the way to services in this process, and what is configured of the ways out and in.</summary>
internal static class AskHosting
{
    public static void AddPlatformAsking(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddValidatedOptions<CertificateOptions>(configuration);
        services.AddValidatedOptions<AskOptions>(configuration);
        services.AddSingleton<LocalAnswers>();
        services.AddScoped<IAsk, Asker>();
        services.AddSingleton(provider => new CertificateFolder(provider.GetRequiredService<CertificateOptions>().FolderIn(provider.GetRequiredService<DataOptions>())));
        services.AddSingleton<ServiceCertificates>();
        services.AddSingleton<AskRefusals>();
        services.AddSingleton<AskListener>();
        var options = configuration.GetSection(AskOptions.Section).Get<AskOptions>() ?? new AskOptions();
        if (!options.IsConfigured)
            return;
        services.AddSingleton<IServiceDiscovery>(provider => new ConfiguredAddresses(provider.GetRequiredService<AskOptions>(), others: null));
        services.AddSingleton<RemoteAsk>();
    }
}
