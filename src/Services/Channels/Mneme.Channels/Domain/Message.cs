using Mneme.Platform.Domain;

namespace Mneme.Channels.Domain;

/// <summary>A message that came in by a channel. It never changes.</summary>
internal sealed class Message : AggregateRoot
{
    private Message()
    {
    }

    public Guid ChannelId { get; private init; }

    public Guid UserId { get; private init; }

    public string? Title { get; private init; }

    public string Text { get; private init; } = "";

    public string? Url { get; private init; }

    public DateTimeOffset ReceivedAt { get; private init; }

    public static Message Receive(Channel channel, IncomingMessage incoming, DateTimeOffset now)
    {
        var message = new Message
        {
            Id = Guid.CreateVersion7(now),
            ChannelId = channel.Id,
            UserId = channel.State.UserId,
            Title = incoming.Title,
            Text = incoming.Text,
            Url = incoming.Url,
            ReceivedAt = now,
        };
        message.Raise(new MessageReceived(message, channel.State.Type, channel.State.Name));
        return message;
    }
}

/// <summary>A message came in that had not come in before.</summary>
internal sealed record MessageReceived(Message Message, ChannelType ChannelType, ChannelName ChannelName) : IDomainEvent;
