using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Mneme.Channels.Domain;
using Mneme.Platform.Configuration;
using Mneme.Platform.Http.Outgoing;

namespace Mneme.Channels;

/// <summary>Adapters of <see cref="IChannelRepository"/>.</summary>
internal enum ChannelRepositoryKind
{
    PostgreSql,
    Redis,
    InMemory,
}

internal sealed class ChannelsOptions : IOptionsSection
{
    public static string Section => "Channels";

    [Description("Where channels and their histories are kept: PostgreSql; Redis, the server of Redis__Url; or InMemory, which forgets them when the program ends and is for trying out with one process.")]
    public ChannelRepositoryKind Repository { get; set; } = ChannelRepositoryKind.PostgreSql;

    [Description("Channels that one person may have.")]
    [Range(1, 10_000)]
    public int MaxChannelsPerUser { get; set; } = 50;

    [Description("Channels of one type that one person may have.")]
    [Range(1, 10_000)]
    public int MaxChannelsPerType { get; set; } = 20;

    [Description("Messages that one channel takes within 24 hours; what is beyond is refused.")]
    [Range(1, 1_000_000)]
    public int MaxMessagesPerDay { get; set; } = 1_000;

    [Description("Largest body that a sender may deliver, in bytes; of a mail with its attachments.")]
    [Range(1_024, 26_214_400)]
    public int MaxDeliveryBytes { get; set; } = 1_048_576;

    [Description("How long messages are kept. What was made of them elsewhere stays.")]
    [Range(typeof(TimeSpan), "1.00:00:00", "3650.00:00:00")]
    public TimeSpan MessageRetention { get; set; } = TimeSpan.FromDays(30);

    [Description("Time from one look at a feed to the next. After failures it doubles, up to a day.")]
    [Range(typeof(TimeSpan), "00:01:00", "1.00:00:00")]
    public TimeSpan FeedInterval { get; set; } = TimeSpan.FromMinutes(30);

    [Description("Entries that are received when a feed is read for the first time: the newest. Those before them are taken as known.")]
    [Range(0, 100)]
    public int FirstFeedEntries { get; set; } = 3;

    [Description("Ports that feeds may be fetched from, separated by commas.")]
    [RegularExpression("^[0-9]{1,5}(, *[0-9]{1,5})*$", ErrorMessage = "must be port numbers separated by commas, such as 80,443.")]
    public string AllowedPorts { get; set; } = "80,443";

    [Description("Hosts on private networks that feeds may be fetched from all the same, such as news.example.lan:8080, separated by commas. Dangerous: whoever has a channel can read what they serve.")]
    [RegularExpression(@"^[A-Za-z0-9.:_\[\], -]*$", ErrorMessage = "must be host names or addresses, each with an optional port, separated by commas.")]
    public string PrivateHosts { get; set; } = "";

    public OutgoingPolicy OutgoingPolicy() => new(AllowedPorts, PrivateHosts) { MaxBodyBytes = 2_000_000 };

    public ChannelQuota Quota() => new(MaxChannelsPerUser, MaxChannelsPerType);
}
