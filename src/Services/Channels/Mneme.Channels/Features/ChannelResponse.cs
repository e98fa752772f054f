using Mneme.Channels.Domain;
using Mneme.Channels.Infrastructure;
using Mneme.Platform.Http;

namespace Mneme.Channels.Features;

/// <summary>Whether a channel takes messages.</summary>
internal enum ChannelStatus
{
    Active,
    Paused,
}

/// <summary>A channel in full.</summary>
/// <param name="Type">EMAIL_INBOX, WEBHOOK, RSS, TELEGRAM or DISCORD.</param>
/// <param name="Inbox">Where senders deliver to; null for RSS.</param>
/// <param name="Url">Of RSS: the feed's address.</param>
/// <param name="PublicKey">Of DISCORD: the application's public key.</param>
/// <param name="Feed">Of RSS: how reading the feed goes; in the answer to GET only.</param>
/// <param name="Secret">What senders prove themselves with; in the answers to registering and to rotating the secret only.</param>
internal sealed record ChannelResponse(
    Guid Id, string Type, string Name, ChannelStatus Status, Uri? Inbox, string? Url, string? PublicKey, FeedStatus? Feed, DateTimeOffset RegisteredAt, long Version, string? Secret) : IVersioned
{
    bool IVersioned.CoversResponse => Feed is null;

    public static ChannelResponse Of(Channel channel, HttpOptions http, FeedStatus? feed = null, ChannelSecret? secret = null) => new(
        channel.Id, channel.State.Type.Name, channel.State.Name.Value, StatusOf(channel.State.IsPaused), InboxOf(channel.State.Type, channel.State.Key, http),
        channel.State.Settings.Url, channel.State.Settings.PublicKey, feed, channel.State.RegisteredAt, channel.Version, secret?.Text);

    public static ChannelStatus StatusOf(bool isPaused) => isPaused ? ChannelStatus.Paused : ChannelStatus.Active;

    public static Uri? InboxOf(ChannelType type, ChannelKey key, HttpOptions http) =>
        type.Inbox is null ? null : new Uri(http.PublicUrl ?? new Uri($"http://localhost:{http.Port}/"), $"/api/v1/channels/{type.Inbox}/{key}");
}

/// <summary>How reading a feed goes.</summary>
/// <param name="ReadAt">When it was last read, or found unchanged.</param>
/// <param name="NextReadAt">When it is looked at again.</param>
/// <param name="Failure">Why it could not be read the last time.</param>
internal sealed record FeedStatus(DateTimeOffset? ReadAt, DateTimeOffset NextReadAt, string? Failure)
{
    public static FeedStatus? Of(FeedRow? feed) => feed is null ? null : new FeedStatus(feed.ReadAt, feed.DueAt, feed.Failure);
}
