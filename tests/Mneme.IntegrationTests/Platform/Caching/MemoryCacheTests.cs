using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.DependencyInjection;
using Mneme.Platform.Caching;

namespace Mneme.IntegrationTests.Platform.Caching;

/// <summary>The cache of an installation without Redis, as the platform registers it.</summary>
public sealed class MemoryCacheTests : DistributedCacheContract, IDisposable
{
    private readonly ServiceProvider _provider;

    public MemoryCacheTests()
    {
        var services = new ServiceCollection();
        services.AddSingleton<TimeProvider>(Clock);
        services.AddMemoryCaching();
        _provider = services.BuildServiceProvider();
    }

    protected override IDistributedCache Cache => _provider.GetRequiredService<IDistributedCache>();

    protected override Task PassAsync(TimeSpan time)
    {
        Clock.Advance(time);
        return Task.CompletedTask;
    }

    public void Dispose() => _provider.Dispose();
}
