using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Mneme.Platform.Aws.Alerts;
using Mneme.Platform.Aws.Client;
using Mneme.Platform.Aws.Mail;
using Mneme.Platform.Configuration;
using Mneme.Platform.Mail;

namespace Mneme.Platform.Aws;

/// <summary>What AWS is used for beside events. Nothing of it calls AWS until it is configured.</summary>
public static class AwsRegistration
{
    /// <summary>Adds the mail relay, and alerts if <c>Aws__AlertTopic</c> is set.</summary>
    public static void AddAws(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddAwsClient(configuration);
        services.AddSingleton<IMailRelay, SesMailRelay>();
        if (configuration.GetSection(AwsOptions.Section)[nameof(AwsOptions.AlertTopic)] is { Length: > 0 })
            services.AddHostedService<DeadLetterAlerts>();
    }

    /// <summary>What everything that calls AWS shares; registered once, whoever comes first.</summary>
    internal static void AddAwsClient(this IServiceCollection services, IConfiguration configuration)
    {
        if (services.Any(service => service.ServiceType == typeof(AwsClient)))
            return;
        services.AddValidatedOptions<AwsOptions>(configuration);
        services.AddSingleton(provider => new AwsCredentials(provider.GetRequiredService<AwsOptions>()));
        services.AddSingleton<AwsClient>();
    }
}
