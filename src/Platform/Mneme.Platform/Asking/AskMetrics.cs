using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Mneme.Platform.Asking;

/// <summary>Measurements and traces of asks between processes.</summary>
internal static class AskMetrics
{
    public const string Name = "Mneme.Asking";

    private static readonly Meter Meter = new(Name);
    private static readonly ActivitySource Source = new(Name);
    private static readonly Counter<long> Refusals = Meter.CreateCounter<long>("mneme.asks.refused", "{ask}", "Asks from services that may not ask them.");
    private static readonly Histogram<double> Duration = Meter.CreateHistogram<double>(
        "mneme.ask.duration", "s", "Time from asking a service in another process to its answer, all attempts included.",
        advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60] });

    public static void Asked(AskCall call, AttemptKind outcome, TimeSpan duration) => Duration.Record(
        duration.TotalSeconds,
        new KeyValuePair<string, object?>("service", call.Service), new KeyValuePair<string, object?>("request", call.Contract.Name), new KeyValuePair<string, object?>("outcome", outcome.ToString()));

    public static void Refused(string service, string request) =>
        Refusals.Add(1, new KeyValuePair<string, object?>("service", service), new KeyValuePair<string, object?>("request", request));

    public static Activity? StartAsking(AskCall call) => Source.StartActivity($"ask {call.Contract.Name}", ActivityKind.Client)
        ?.SetTag("rpc.service", call.Service).SetTag("rpc.method", call.Contract.Name).SetTag("mneme.request.id", call.RequestId);

    /// <summary>A span that continues the asker's trace.</summary>
    public static Activity? StartAnswering(string service, string request, string asker, string? traceParent, string? traceState, string? requestId)
    {
        var parent = ActivityContext.TryParse(traceParent, traceState, isRemote: true, out var context) ? context : default;
        return Source.StartActivity($"answer {request}", ActivityKind.Server, parent)
            ?.SetTag("rpc.service", service).SetTag("rpc.method", request).SetTag("mneme.asker", asker).SetTag("mneme.request.id", requestId);
    }
}
