using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Mneme.Platform.Security.Certificates;

namespace Mneme.Platform.Asking;

/// <summary>Asks over HTTP/2 with mutual TLS, at the addresses that are configured or discovered.</summary>
internal sealed class HttpCarrier(IServiceDiscovery discovery, ServiceCertificates certificates, AskOptions options, ILogger<HttpCarrier> logger) : IAskCarrier, IDisposable
{
    private readonly ConcurrentDictionary<(string Asker, string Service), AskChannel> _channels = new();

    public ValueTask<IReadOnlyList<Uri>> FindAsync(string service, CancellationToken ct) => discovery.FindAsync(service, ct);

    public Task<Attempt> SendAsync(AskCall call, Uri address, CancellationToken deadline, CancellationToken caller) =>
        _channels.GetOrAdd((call.Asker, call.Service), key => new AskChannel(key.Asker, key.Service, certificates, options, logger)).SendAsync(call, address, deadline, caller);

    public void Dispose()
    {
        foreach (var channel in _channels.Values)
            channel.Dispose();
    }
}
