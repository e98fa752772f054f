using Mneme.Channels.Domain;
using Mneme.Channels.Infrastructure;
using Mneme.Contracts.Channels;

namespace Mneme.Channels.Features;

/// <summary>Tells the other services of a trade that a message proposes, if it does without doubt.</summary>
internal static class RecogniseTradingSignal
{
    public static Task Handle(MessageReceived e, ChannelsDb db)
    {
        var message = e.Message;
        if (TradingSignalParser.Parse(message.Title is null ? message.Text : $"{message.Title}\n{message.Text}") is { } signal)
        {
            ChannelsMetrics.SignalFound();
            db.Publish(
                new TradingSignalReceived(
                    message.UserId, message.ChannelId, message.Id, signal.Symbol, signal.Side.ToString().ToUpperInvariant(), signal.EntryFrom, signal.EntryTo, signal.Targets, signal.StopLoss,
                    message.ReceivedAt, message.Version),
                message.ReceivedAt);
        }

        return Task.CompletedTask;
    }
}
