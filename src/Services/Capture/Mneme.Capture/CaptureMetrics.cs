using System.Diagnostics.Metrics;

namespace Mneme.Capture;

internal static class CaptureMetrics
{
    private static readonly Meter Meter = new("Mneme.Capture");
    private static readonly Counter<long> CreatedCaptures = Meter.CreateCounter<long>("mneme.captures.created", "{capture}", "Captures that were created.");
    private static readonly Counter<long> Pages = Meter.CreateCounter<long>("mneme.captures.pages", "{page}", "Pages that were fetched and read, or not.");
    private static readonly Counter<long> Messages = Meter.CreateCounter<long>("mneme.captures.messages", "{message}", "Messages of channels, by what became of them.");

    public static void Created(string type) => CreatedCaptures.Add(1, new KeyValuePair<string, object?>("type", type));

    public static void PageRead(string outcome) => Pages.Add(1, new KeyValuePair<string, object?>("outcome", outcome));

    /// <param name="outcome">captured, known, storage-full or empty.</param>
    public static void MessageTaken(string outcome) => Messages.Add(1, new KeyValuePair<string, object?>("outcome", outcome));
}
