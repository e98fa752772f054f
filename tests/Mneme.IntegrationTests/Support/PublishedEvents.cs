using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Mneme.Platform;
using Mneme.Platform.Messaging;

namespace Mneme.IntegrationTests.Support;

/// <summary>Keeps what one service publishes, so that a test sees it and nobody reacts to it; all else goes its way.</summary>
/// <param name="service">Name of the service.</param>
internal sealed class PublishedEvents(string service) : IEventTransport
{
    private readonly ConcurrentQueue<EventEnvelope> _kept = new();
    private IEventTransport? _inner;

    /// <summary>Stands before the application's transport.</summary>
    public void Record(WebApplicationBuilder builder)
    {
        var transport = builder.Services.Last(d => d.ServiceType == typeof(IEventTransport));
        builder.Services.Replace(ServiceDescriptor.Singleton<IEventTransport>(provider =>
        {
            _inner = (IEventTransport)transport.ImplementationFactory!(provider);
            return this;
        }));
    }

    public Task PublishAsync(IReadOnlyList<EventEnvelope> envelopes, CancellationToken ct)
    {
        foreach (var envelope in envelopes.Where(e => e.Source == service))
            _kept.Enqueue(envelope);
        return _inner!.PublishAsync([.. envelopes.Where(e => e.Source != service)], ct);
    }

    /// <summary>What was published so far, in order; what was published again after a failure counts once.</summary>
    public List<TEvent> Of<TEvent>(Func<TEvent, bool> isMeant)
        where TEvent : class, IIntegrationEvent =>
        [.. _kept.Where(e => e.Type == EventType.Of<TEvent>().Name).DistinctBy(e => e.Id).Select(e => JsonSerializer.Deserialize<TEvent>(e.Data, Json.Options)!).Where(isMeant)];

    /// <summary>What was published about a person; waits until there are as many.</summary>
    public async Task<List<TEvent>> OfAsync<TEvent>(Guid userId, int count = 1)
        where TEvent : class, IIntegrationEvent
    {
        List<TEvent> found = [];
        await Eventually.TrueAsync(() => Task.FromResult((found = Of<TEvent>(e => e.PartitionKey == userId)).Count >= count), $"{count} × {typeof(TEvent).Name}");
        return found;
    }
}
