using Mneme.Channels.Domain;
using Mneme.Channels.Infrastructure;
using Mneme.Contracts.Channels;

namespace Mneme.Channels.Features;

/// <summary>Tells the other services what came in.</summary>
internal static class OnMessageReceived
{
    public static Task Handle(MessageReceived e, ChannelsDb db)
    {
        var message = e.Message;
        db.Publish(
            new ChannelMessageReceived(
                message.UserId, message.ChannelId, message.Id, e.ChannelType.Name, e.ChannelName.Value, message.Title, message.Text, message.Url, message.ReceivedAt, message.Version),
            message.ReceivedAt);
        return Task.CompletedTask;
    }
}
