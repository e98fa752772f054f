namespace Mneme.Channels.Domain;

/// <summary>
/// A way by which messages come in, and what it needs. The set is closed: a new type is a line here, its format in <c>Infrastructure/Formats</c>, and the feature
/// that receives it.
/// </summary>
internal sealed record ChannelType
{
    /// <summary>Mails, handed over by the mail server.</summary>
    public static readonly ChannelType EmailInbox = new("EMAIL_INBOX") { Inbox = "email", HasSecret = true };

    /// <summary>Any program that signs as Standard Webhooks says.</summary>
    public static readonly ChannelType Webhook = new("WEBHOOK") { Inbox = "webhook", HasSecret = true };

    /// <summary>An RSS or Atom feed, which is asked from time to time.</summary>
    public static readonly ChannelType Rss = new("RSS") { NeedsUrl = true };

    /// <summary>A Telegram bot's updates.</summary>
    public static readonly ChannelType Telegram = new("TELEGRAM") { Inbox = "telegram", HasSecret = true };

    /// <summary>A Discord application's interactions and events.</summary>
    public static readonly ChannelType Discord = new("DISCORD") { Inbox = "discord", NeedsPublicKey = true };

    private ChannelType(string name) => Name = name;

    public static IReadOnlyList<ChannelType> All { get; } = [EmailInbox, Webhook, Rss, Telegram, Discord];

    /// <summary>As it is written in JSON, in events and in the database.</summary>
    public string Name { get; }

    /// <summary>The part of the address that messages are sent to; null if Mneme fetches them itself.</summary>
    public string? Inbox { get; private init; }

    /// <summary>Whether senders prove themselves by a secret that Mneme makes.</summary>
    public bool HasSecret { get; private init; }

    public bool NeedsUrl { get; private init; }

    public bool NeedsPublicKey { get; private init; }

    /// <exception cref="ArgumentException">There is no such type.</exception>
    public static ChannelType Of(string name) => All.FirstOrDefault(type => type.Name == name) ?? throw new ArgumentException($"There is no type of channel '{name}'.", nameof(name));

    public override string ToString() => Name;
}
