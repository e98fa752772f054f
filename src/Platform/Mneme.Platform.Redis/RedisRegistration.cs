using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Mneme.Platform.Configuration;

namespace Mneme.Platform.Redis;

internal static class RedisRegistration
{
    /// <summary>What everything that uses Redis shares; registered once, whoever comes first.</summary>
    public static void AddRedisConnector(this IServiceCollection services, IConfiguration configuration)
    {
        if (services.Any(service => service.ServiceType == typeof(RedisConnector)))
            return;
        services.AddValidatedOptions<RedisOptions>(configuration);
        services.AddSingleton<RedisConnector>();
        services.AddSingleton<Durability>();
    }
}
