using Mneme.Platform.Messaging;

namespace Mneme.Contracts.Channels;

/// <summary>Somebody registered a channel that messages come in by.</summary>
/// <param name="UserId">Whose it is.</param>
/// <param name="ChannelId">The channel.</param>
/// <param name="Type">EMAIL_INBOX, WEBHOOK, RSS, TELEGRAM or DISCORD.</param>
/// <param name="Name">What the person calls it.</param>
/// <param name="Version">Version of the channel.</param>
[Event("channel.registered", 1, Topic = "channel-events")]
public sealed record ChannelRegistered(Guid UserId, Guid ChannelId, string Type, string Name, long Version) : IIntegrationEvent
{
    Guid IIntegrationEvent.PartitionKey => UserId;
}

/// <summary>A message came in by a channel; published once for each message, however often it was delivered.</summary>
/// <param name="UserId">Whose channel it is.</param>
/// <param name="ChannelId">The channel.</param>
/// <param name="MessageId">The message.</param>
/// <param name="ChannelType">See <see cref="ChannelRegistered"/>.</param>
/// <param name="ChannelName">What the person calls the channel.</param>
/// <param name="Title">Its subject or headline, if it has one; up to 300 characters.</param>
/// <param name="Text">What it says, as plain text; 1 to 50,000 characters.</param>
/// <param name="Url">http or https address that it speaks of, if any.</param>
/// <param name="ReceivedAt">When it came in, UTC.</param>
/// <param name="Version">Always 1: a message does not change.</param>
[Event("channel.message-received", 1, Topic = "channel-events")]
public sealed record ChannelMessageReceived(
    Guid UserId, Guid ChannelId, Guid MessageId, string ChannelType, string ChannelName, string? Title, string Text, string? Url, DateTimeOffset ReceivedAt, long Version)
    : IIntegrationEvent
{
    Guid IIntegrationEvent.PartitionKey => UserId;
}

/// <summary>A message proposes a trade, in a form that is understood without doubt. Nobody vouches for it.</summary>
/// <param name="UserId">Whose channel it came in by.</param>
/// <param name="ChannelId">The channel.</param>
/// <param name="MessageId">The message.</param>
/// <param name="Symbol">What is traded, in capitals, such as BTC/USDT or EURUSD.</param>
/// <param name="Side">BUY, SELL, LONG or SHORT, as the message says.</param>
/// <param name="EntryFrom">Lowest price to enter at; null for the price of the moment.</param>
/// <param name="EntryTo">Highest price to enter at; the same as <paramref name="EntryFrom"/> if there is one price.</param>
/// <param name="Targets">Prices to take profit at, the nearest first; up to 10.</param>
/// <param name="StopLoss">Price to give up at, if the message gives one.</param>
/// <param name="ReceivedAt">When the message came in, UTC.</param>
/// <param name="Version">Always 1: a message does not change.</param>
[Event("trading-signal.received", 1, Topic = "channel-events")]
public sealed record TradingSignalReceived(
    Guid UserId, Guid ChannelId, Guid MessageId, string Symbol, string Side, decimal? EntryFrom, decimal? EntryTo, IReadOnlyList<decimal> Targets, decimal? StopLoss,
    DateTimeOffset ReceivedAt, long Version)
    : IIntegrationEvent
{
    Guid IIntegrationEvent.PartitionKey => UserId;
}
