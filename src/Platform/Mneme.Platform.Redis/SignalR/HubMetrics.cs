using System.Diagnostics.Metrics;

namespace Mneme.Platform.Redis.SignalR;

internal static class HubMetrics
{
    private static readonly Meter Meter = new("Mneme.SignalR");
    private static readonly Counter<long> IgnoredMessages = Meter.CreateCounter<long>("mneme.hubs.ignored", "{message}", "Messages on a hub's channel that were malformed, too large or of an unknown kind.");

    public static void Ignored(string hub) => IgnoredMessages.Add(1, new KeyValuePair<string, object?>("hub", hub));
}
