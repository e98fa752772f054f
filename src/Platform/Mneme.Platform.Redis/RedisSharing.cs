using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Mneme.Platform.Http;
using Mneme.Platform.Redis.RateLimits;

namespace Mneme.Platform.Redis;

/// <summary>What instances share over Redis that each would otherwise keep for itself.</summary>
public static class RedisSharing
{
    /// <summary>Lets them share the counts of rate limits, if <c>Redis__Url</c> is set.</summary>
    public static void ShareByRedis(this IServiceCollection services, IConfiguration configuration)
    {
        if (configuration.GetSection(RedisOptions.Section)[nameof(RedisOptions.Url)] is not { Length: > 0 })
            return;
        services.AddRedisConnector(configuration);
        services.Replace(ServiceDescriptor.Singleton<IRateLimits, RedisRateLimits>());
    }
}
