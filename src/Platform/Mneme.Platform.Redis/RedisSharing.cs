using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Mneme.Platform.Http;
using Mneme.Platform.Persistence;
using Mneme.Platform.Redis.Caching;
using Mneme.Platform.Redis.RateLimits;
using Mneme.Platform.Redis.SignalR;

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

    /// <summary>Lets them share the counts of rate limits, the distributed cache, and the clients of SignalR's hubs, if <c>Redis__Url</c> is set.</summary>
    /// <param name="services">The process'.</param>
    /// <param name="configuration">Everything that was configured.</param>
    /// <param name="counters">Part of the counters' names: a gateway counts for itself what the services behind it count once more.</param>
    public static void ShareByRedis(this IServiceCollection services, IConfiguration configuration, string counters = "limit")
    {
        if (configuration.GetSection(RedisOptions.Section)[nameof(RedisOptions.Url)] is not { Length: > 0 })
            return;
        services.AddRedisConnector(configuration);
        services.Replace(ServiceDescriptor.Singleton<IRateLimits>(provider =>
            ActivatorUtilities.CreateInstance<RedisRateLimits>(provider, counters, BestEffort<RedisRateLimits>(provider, "limits", RedisRateLimits.Meanwhile))));
        services.Replace(ServiceDescriptor.Singleton<IDistributedCache>(provider =>
            ActivatorUtilities.CreateInstance<RedisCache>(provider, BestEffort<RedisCache>(provider, "cache", RedisCache.Meanwhile))));
        // Made only for hubs that are mapped. SignalR itself adds its own only if there is none.
        services.Replace(ServiceDescriptor.Singleton(typeof(HubLifetimeManager<>), typeof(RedisHubLifetimeManager<>)));
    }

    private static BestEffortRedis BestEffort<TUser>(IServiceProvider provider, string purpose, string meanwhile)
    {
        var time = provider.GetRequiredService<TimeProvider>();
        return new BestEffortRedis(new RedisClient(provider.GetRequiredService<RedisConnector>(), purpose, time), meanwhile, time, provider.GetRequiredService<ILogger<TUser>>());
    }
}
