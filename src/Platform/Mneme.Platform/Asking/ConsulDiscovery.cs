using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Mneme.Platform.Asking;

/// <summary>Finds services in Consul. Each service that is asked is watched from then on. While Consul is away, what it said last holds.</summary>
internal sealed class ConsulDiscovery(ConsulClient consul, AskOptions options, ILogger<ConsulWatch> logger) : IServiceDiscovery, IDisposable
{
    private readonly ConcurrentDictionary<string, Lazy<Found>> _found = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _ended = new();

    public async ValueTask<IReadOnlyList<Uri>> FindAsync(string service, CancellationToken ct)
    {
        var found = _found.GetOrAdd(service, name => new Lazy<Found>(() => Watch(name))).Value;
        if (!found.FirstAnswer.IsCompleted)
            await found.FirstAnswer.WaitAsync(ct);
        return found.Addresses;
    }

    public void Dispose()
    {
        _ended.Cancel();
        _ended.Dispose();
    }

    private Found Watch(string service)
    {
        var watch = new ConsulWatch(consul, options.Consul.AskNameOf(service), Uri.UriSchemeHttps, options.Consul.Wait, logger);
        var found = new Found(watch.FirstAnswer);
        var ct = _ended.Token;
        _ = Task.Run(() => watch.RunAsync(instances => found.Addresses = [.. instances.Select(instance => instance.Address)], ct), CancellationToken.None);
        return found;
    }

    private sealed class Found(Task firstAnswer)
    {
        public volatile IReadOnlyList<Uri> Addresses = [];

        public Task FirstAnswer => firstAnswer;
    }
}
