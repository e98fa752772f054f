using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Mneme.Platform.Asking;
using Yarp.ReverseProxy.Configuration;

namespace Mneme.Gateway;

/// <summary>
/// Gives the proxy the destinations that Consul knows, of every service for which none are configured, and follows what changes. Requests under way end where they
/// began; those that stay keep their connections and their health. While Consul is away, what it said last holds.
/// </summary>
internal sealed class ConsulDestinations(
    ConsulClient consul, AskOptions ask, GatewayOptions options, OperationTable table, InMemoryConfigProvider proxy, ILogger<ConsulWatch> logger) : IHostedService, IDisposable
{
    private readonly Lock _turn = new();
    private readonly CancellationTokenSource _ended = new();
    private readonly Dictionary<string, IReadOnlyList<ConsulInstance>> _found = new(StringComparer.Ordinal);
    private readonly IReadOnlyList<(string Service, ConsulWatch Watch)> _watches =
        [.. table.Services.Where(options.IsFound).Select(service => (service, new ConsulWatch(consul, ask.Consul.HttpNameOf(service), Uri.UriSchemeHttp, ask.Consul.Wait, logger)))];

    private Task _following = Task.CompletedTask;

    /// <summary>Whether Consul has said of every service where it is, or that it is nowhere.</summary>
    public bool IsComplete => _watches.All(watched => watched.Watch.IsKnown);

    /// <summary>Returns when Consul has answered for the first time or cannot be asked: whoever asks the gateway finds it informed.</summary>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _following = Task.WhenAll(_watches.Select(watched => Task.Run(() => watched.Watch.RunAsync(instances => Take(watched.Service, instances), _ended.Token), CancellationToken.None)));
        return Task.WhenAll(_watches.Select(watched => watched.Watch.FirstAnswer)).WaitAsync(cancellationToken);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _ended.CancelAsync();
        await _following;
    }

    public void Dispose() => _ended.Dispose();

    private void Take(string service, IReadOnlyList<ConsulInstance> instances)
    {
        lock (_turn)
        {
            _found[service] = instances;
            proxy.Update(proxy.GetConfig().Routes, ProxyRoutes.Clusters(table, options, _found));
        }
    }
}
