using Microsoft.Extensions.Hosting;

namespace Mneme.Platform.Messaging;

/// <summary>Starts and stops the listeners of this process with the host.</summary>
internal sealed class EventListeners(IEnumerable<EventListener> listeners) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) => Task.WhenAll(listeners.Select(listener => listener.StartAsync(cancellationToken)));

    public Task StopAsync(CancellationToken cancellationToken) => Task.WhenAll(listeners.Select(listener => listener.StopAsync(cancellationToken)));
}
