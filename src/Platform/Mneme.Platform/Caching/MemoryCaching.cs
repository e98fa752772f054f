using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Internal;

namespace Mneme.Platform.Caching;

internal static class MemoryCaching
{
    /// <summary>The default of <c>IDistributedCache</c>: in this process' memory, for itself alone, up to 200 MB.</summary>
    public static void AddMemoryCaching(this IServiceCollection services)
    {
        services.AddDistributedMemoryCache();
        services.AddOptions<MemoryDistributedCacheOptions>().Configure<TimeProvider>((options, time) => options.Clock = new CacheClock(time));
    }

    // The cache is older than TimeProvider.
    private sealed class CacheClock(TimeProvider time) : ISystemClock
    {
        public DateTimeOffset UtcNow => time.GetUtcNow();
    }
}
