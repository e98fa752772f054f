using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Mneme.Platform.Messaging;

/// <summary>Counters and traces of the way from outbox to handler.</summary>
internal static class MessagingMetrics
{
    public const string Name = "Mneme.Messaging";

    private static readonly Meter Meter = new(Name);
    private static readonly ActivitySource Source = new(Name);
    private static readonly Counter<long> RelayedEvents = Meter.CreateCounter<long>("mneme.events.relayed", "{event}", "Events confirmed by the transport.");
    private static readonly Counter<long> HandledEvents = Meter.CreateCounter<long>("mneme.events.handled", "{event}", "Events whose effects were committed.");
    private static readonly Counter<long> FailedEvents = Meter.CreateCounter<long>("mneme.events.failed", "{event}", "Deliveries that failed and were stored for retry.");
    private static readonly Counter<long> DeadEvents = Meter.CreateCounter<long>("mneme.events.dead", "{event}", "Deliveries that became dead letters.");
    private static readonly Gauge<long> OutboxLength = Meter.CreateGauge<long>("mneme.outbox.length", "{event}", "Events that are committed and not yet confirmed by the transport.");
    private static readonly Gauge<double> OutboxAge = Meter.CreateGauge<double>("mneme.outbox.age", "s", "How long the oldest of them has been waiting; 0 if there is none.");
    private static readonly Histogram<double> Delay = Meter.CreateHistogram<double>(
        "mneme.events.delay", "s", "Time from the event to the commit of its effects.",
        advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60] });

    public static void Relayed(string service, int count) => RelayedEvents.Add(count, new KeyValuePair<string, object?>("service", service));

    /// <param name="service">Whose outbox; every instance of the service tells the same one.</param>
    /// <param name="backlog">What waits there.</param>
    public static void Waiting(string service, OutboxBacklog backlog)
    {
        var tag = new KeyValuePair<string, object?>("service", service);
        OutboxLength.Record(backlog.Events, tag);
        OutboxAge.Record(backlog.Age.TotalSeconds, tag);
    }

    public static void Handled(string consumer, IReadOnlyList<EventEnvelope> envelopes, DateTimeOffset now)
    {
        var tag = new KeyValuePair<string, object?>("consumer", consumer);
        HandledEvents.Add(envelopes.Count, tag);
        if (!Delay.Enabled)
            return;
        foreach (var envelope in envelopes)
            Delay.Record(Math.Max(0, (now - envelope.Time).TotalSeconds), tag);
    }

    public static void Failed(string consumer) => FailedEvents.Add(1, new KeyValuePair<string, object?>("consumer", consumer));

    public static void Dead(string consumer) => DeadEvents.Add(1, new KeyValuePair<string, object?>("consumer", consumer));

    /// <summary>A span for the handing over of an event to the transport, in the trace of the request that caused it; null if that one is not recorded.</summary>
    public static Activity? StartPublishing(EventEnvelope envelope)
    {
        // Most traces are recorded nowhere: their events need no span of their own, and this path is a hot one.
        if (!Source.HasListeners() || !ActivityContext.TryParse(envelope.TraceParent, null, isRemote: true, out var parent) || !parent.TraceFlags.HasFlag(ActivityTraceFlags.Recorded))
            return null;
        var activity = Source.StartActivity($"publish {envelope.Topic}", ActivityKind.Producer, parent);
        activity?.SetTag("messaging.message.id", envelope.Id).SetTag("messaging.operation.name", "publish").SetTag("messaging.destination.name", envelope.Topic).SetTag("mneme.event", envelope.Type);
        return activity;
    }

    /// <summary>A span that continues the trace of the request that caused the event.</summary>
    public static Activity? StartHandling(string handler, EventEnvelope envelope)
    {
        var parent = ActivityContext.TryParse(envelope.TraceParent, null, isRemote: true, out var context) ? context : default;
        var activity = Source.StartActivity(handler, ActivityKind.Consumer, parent);
        activity?.SetTag("messaging.message.id", envelope.Id).SetTag("messaging.operation.name", "process").SetTag("mneme.event", envelope.Type);
        return activity;
    }

    /// <summary>A span of its own for a batch, linked to the traces that caused its events.</summary>
    public static Activity? StartHandling(string handler, IReadOnlyList<EventEnvelope> envelopes)
    {
        if (envelopes.Count == 1)
            return StartHandling(handler, envelopes[0]);
        if (!Source.HasListeners())
            return null;
        var links = envelopes
            .Select(envelope => ActivityContext.TryParse(envelope.TraceParent, null, isRemote: true, out var context) ? new ActivityLink(context) : default)
            .Where(link => link.Context.TraceId != default);
        return Source.StartActivity(handler, ActivityKind.Consumer, parentContext: default, links: links)
            ?.SetTag("messaging.batch.message_count", envelopes.Count);
    }
}
