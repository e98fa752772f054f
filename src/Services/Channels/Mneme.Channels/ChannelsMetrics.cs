using System.Diagnostics.Metrics;
using Mneme.Channels.Domain;

namespace Mneme.Channels;

internal static class ChannelsMetrics
{
    private static readonly Meter Meter = new("Mneme.Channels");
    private static readonly Counter<long> Messages = Meter.CreateCounter<long>("mneme.channels.messages", "{message}", "Messages that were received for the first time.");
    private static readonly Counter<long> Refusals = Meter.CreateCounter<long>("mneme.channels.refused", "{delivery}", "Deliveries that had no effect, by the reason.");
    private static readonly Counter<long> Feeds = Meter.CreateCounter<long>("mneme.channels.feeds", "{request}", "Looks at feeds, by what came of it.");
    private static readonly Counter<long> Signals = Meter.CreateCounter<long>("mneme.channels.trading_signals", "{signal}", "Messages that were understood as a trading signal.");

    public static void Received(ChannelType type) => Messages.Add(1, new KeyValuePair<string, object?>("type", type.Name));

    /// <param name="inbox">Where it was delivered.</param>
    /// <param name="reason">unproven, duplicate, paused, empty or too-many.</param>
    public static void Refused(string inbox, string reason) =>
        Refusals.Add(1, new KeyValuePair<string, object?>("inbox", inbox), new KeyValuePair<string, object?>("reason", reason));

    public static void FeedRead(string outcome) => Feeds.Add(1, new KeyValuePair<string, object?>("outcome", outcome));

    public static void SignalFound() => Signals.Add(1);
}
