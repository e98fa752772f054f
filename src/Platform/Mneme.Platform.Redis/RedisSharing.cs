using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Mneme.Platform.Http;
using Mneme.Platform.Persistence;
using Mneme.Platform.Redis.RateLimits;

namespace Mneme.Platform.Redis;

/// <summary>What instances share over Redis that each would otherwise keep for itself, or in PostgreSQL.</summary>
public static class RedisSharing
{
    /// <summary>Lets services keep what is theirs in Redis (<see cref="IRedisStore"/>).</summary>
    public static void AddRedisStore(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddRedisConnector(configuration);
        services.AddSingleton<IRedisStore, RedisStore>();
    }

    /// <summary>Lets them share the counts of rate limits, if <c>Redis__Url</c> is set.</summary>
    /// <param name="services">The process'.</param>
    /// <param name="configuration">Everything that was configured.</param>
    /// <param name="counters">Part of the counters' names: a gateway counts for itself what the services behind it count once more.</param>
    public static void ShareByRedis(this IServiceCollection services, IConfiguration configuration, string counters = "limit")
    {
        if (configuration.GetSection(RedisOptions.Section)[nameof(RedisOptions.Url)] is not { Length: > 0 })
            return;
        services.AddRedisConnector(configuration);
        services.Replace(ServiceDescriptor.Singleton<IRateLimits>(provider => ActivatorUtilities.CreateInstance<RedisRateLimits>(provider, counters)));
    }
}
