using System.Diagnostics.Metrics;

namespace Mneme.Capture;

internal static class CaptureMetrics
{
    private static readonly Meter Meter = new("Mneme.Capture");
    private static readonly Counter<long> CreatedCaptures = Meter.CreateCounter<long>("mneme.captures.created", "{capture}", "Captures that were created.");

    public static void Created(string type) => CreatedCaptures.Add(1, new KeyValuePair<string, object?>("type", type));
}
