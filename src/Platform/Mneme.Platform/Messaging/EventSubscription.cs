using System.Collections;
using System.Text.Json;

namespace Mneme.Platform.Messaging;

/// <summary>An event as a handler sees it: the data, and the envelope's identity and time.</summary>
public sealed record Received<TEvent>(Guid Id, DateTimeOffset Time, TEvent Data)
    where TEvent : IIntegrationEvent;

/// <summary>Events of one type that are handled together, in one transaction: what set-based handlers take.</summary>
public sealed class EventBatch<TEvent>(IReadOnlyList<Received<TEvent>> items) : IReadOnlyList<Received<TEvent>>
    where TEvent : IIntegrationEvent
{
    public int Count => items.Count;

    public Received<TEvent> this[int index] => items[index];

    public IEnumerator<Received<TEvent>> GetEnumerator() => items.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}

/// <summary>A service's handler for one type of event.</summary>
public sealed class EventSubscription
{
    private readonly Func<IReadOnlyList<EventEnvelope>, IServiceProvider, CancellationToken, Task> _handle;

    private EventSubscription(EventType type, string handlerName, bool isErasure, Func<IReadOnlyList<EventEnvelope>, IServiceProvider, CancellationToken, Task> handle)
    {
        Type = type;
        HandlerName = handlerName;
        IsErasure = isErasure;
        _handle = handle;
    }

    public EventType Type { get; }

    /// <summary>Name of the feature that reacts, for traces: <c>OnContentCaptured</c>.</summary>
    public string HandlerName { get; }

    /// <summary>Whether the handler makes the service forget somebody: it must neither overtake nor run beside others about the same person.</summary>
    internal bool IsErasure { get; }

    /// <summary>Handles events of this type one after the other, or as one batch if the handler takes batches.</summary>
    public Task Handle(IReadOnlyList<EventEnvelope> envelopes, IServiceProvider services, CancellationToken ct) => _handle(envelopes, services, ct);

    public static EventSubscription Create<TEvent>(Delegate handler)
        where TEvent : IIntegrationEvent => Create<TEvent>(handler, isErasure: false);

    internal static EventSubscription Create<TEvent>(Delegate handler, bool isErasure)
        where TEvent : IIntegrationEvent
    {
        var takesBatch = handler.Method.GetParameters() is [{ ParameterType: var first }, ..] && first == typeof(EventBatch<TEvent>);
        var invocation = HandlerDelegate.Compile(handler, takesBatch ? typeof(EventBatch<TEvent>) : typeof(TEvent));
        var name = handler.Method.DeclaringType?.Name ?? handler.Method.Name;
        return new EventSubscription(EventType.Of<TEvent>(), name, isErasure, async (envelopes, services, ct) =>
        {
            if (takesBatch)
            {
                using var activity = MessagingMetrics.StartHandling(name, envelopes);
                await invocation(new EventBatch<TEvent>([.. envelopes.Select(Receive<TEvent>)]), services, ct);
                return;
            }

            foreach (var envelope in envelopes)
            {
                using var activity = MessagingMetrics.StartHandling(name, envelope);
                await invocation(Receive<TEvent>(envelope).Data, services, ct);
            }
        });
    }

    private static Received<TEvent> Receive<TEvent>(EventEnvelope envelope)
        where TEvent : IIntegrationEvent =>
        new(envelope.Id, envelope.Time, JsonSerializer.Deserialize<TEvent>(envelope.Data, Json.Options)
            ?? throw new JsonException($"The data of {envelope.Type} {envelope.Id} is null."));
}
