using Mneme.Channels.Domain;
using Mneme.Platform.Http.Outgoing;

namespace Mneme.UnitTests.Channels;

public sealed class ChannelTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 29, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_new_channel_has_happened_once()
    {
        var userId = Guid.NewGuid();
        var channel = Channel.Register(userId, ChannelType.Webhook, Name("News"), new ChannelSettings(null, null), Now);
        channel.Version.ShouldBe(1);
        channel.UnsavedEvents().ShouldHaveSingleItem().ShouldBeOfType<Registered>().UserId.ShouldBe(userId);
        (channel.State.Name.Value, channel.State.IsPaused, channel.State.RegisteredAt).ShouldBe(("News", false, Now));
        channel.State.Key.Value.Length.ShouldBe(ChannelKey.Length);
    }

    [Fact]
    public void What_changes_nothing_does_not_happen()
    {
        var channel = Channel.Register(Guid.NewGuid(), ChannelType.Telegram, Name("News"), new ChannelSettings(null, null), Now);
        channel.MarkSaved();
        channel.Rename(Name("News"), Now);
        channel.Resume(Now);
        channel.UnsavedEvents().ShouldBeEmpty();
        channel.Pause(Now);
        channel.Pause(Now);
        channel.UnsavedEvents().ShouldHaveSingleItem().ShouldBeOfType<Paused>();
        channel.Version.ShouldBe(2);
    }

    [Fact]
    public void Each_rotation_makes_another_secret_and_only_types_with_a_secret_have_one()
    {
        var installation = new byte[ChannelSecret.KeyLength];
        var channel = Channel.Register(Guid.NewGuid(), ChannelType.Webhook, Name("News"), new ChannelSettings(null, null), Now);
        var first = channel.Secret(installation)!;
        channel.RotateSecret(Now);
        var second = channel.Secret(installation)!;
        second.Text.ShouldNotBe(first.Text);
        second.IsSameAs(second.Text).ShouldBeTrue();
        second.IsSameAs(first.Text).ShouldBeFalse();
        second.IsSameAs("").ShouldBeFalse();
        second.Text.ShouldStartWith("whsec_");
        Convert.FromBase64String(second.Text["whsec_".Length..]).ShouldBe(second.Bytes.ToArray());

        var feed = Channel.Register(Guid.NewGuid(), ChannelType.Rss, Name("Feed"), new ChannelSettings("https://example.org/feed", null), Now);
        feed.Secret(installation).ShouldBeNull();
        Should.Throw<InvalidOperationException>(() => feed.RotateSecret(Now));
    }

    [Fact]
    public void Secrets_differ_by_channel_and_by_installation_and_suit_Telegram()
    {
        var (one, other) = (new byte[ChannelSecret.KeyLength], Enumerable.Repeat((byte)1, ChannelSecret.KeyLength).ToArray());
        var id = Guid.NewGuid();
        var secret = ChannelSecret.Derive(one, id, ChannelType.Telegram, 1).Text;
        secret.ShouldBe(ChannelSecret.Derive(one, id, ChannelType.Telegram, 1).Text);
        secret.ShouldNotBe(ChannelSecret.Derive(one, Guid.NewGuid(), ChannelType.Telegram, 1).Text);
        secret.ShouldNotBe(ChannelSecret.Derive(other, id, ChannelType.Telegram, 1).Text);
        // core.telegram.org/bots/api#setwebhook: 1-256 characters, only A-Z, a-z, 0-9, _ and -.
        secret.ShouldMatch("^[A-Za-z0-9_-]{43}$");
    }

    [Fact]
    public void A_history_must_begin_with_the_registration()
    {
        Should.Throw<InvalidOperationException>(() => Channel.Restore(Guid.NewGuid(), snapshot: null, [new Paused(Guid.NewGuid(), Now)]));
        var registered = (Registered)Channel.Register(Guid.NewGuid(), ChannelType.Webhook, Name("News"), new ChannelSettings(null, null), Now).UnsavedEvents()[0];
        Should.Throw<InvalidOperationException>(() => Channel.Restore(registered.ChannelId, snapshot: null, [registered, registered]));
    }

    [Theory]
    [InlineData("News", "News")]
    [InlineData("  News \t of\nthe day ", "News of the day")]
    [InlineData("\u0000\u200B", null)]
    [InlineData("", null)]
    [InlineData(" \n ", null)]
    public void A_name_is_one_line_that_can_be_seen(string given, string? name)
    {
        if (given.Contains('\u200B', StringComparison.Ordinal))
            given = given.Replace("\u200B", "", StringComparison.Ordinal);
        ChannelName.Parse(given).Value?.Value.ShouldBe(name);
        (ChannelName.Parse(given).Problem is null).ShouldBe(name is not null);
    }

    [Fact]
    public void A_name_has_at_most_100_characters()
    {
        ChannelName.Parse(new string('x', 100)).Problem.ShouldBeNull();
        ChannelName.Parse(new string('x', 101)).Problem!.Errors!.Keys.ShouldBe(["name"]);
    }

    [Theory]
    [InlineData("RSS", "https://example.org/feed", null, null)]
    [InlineData("RSS", null, null, "url")]
    [InlineData("RSS", "ftp://example.org/feed", null, "url")]
    [InlineData("RSS", "https://user:secret@example.org/feed", null, "url")]
    [InlineData("RSS", "https://example.org/feed", "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "publicKey")]
    [InlineData("WEBHOOK", null, null, null)]
    [InlineData("WEBHOOK", "https://example.org/", null, "url")]
    [InlineData("TELEGRAM", null, null, null)]
    [InlineData("EMAIL_INBOX", null, null, null)]
    [InlineData("EMAIL_INBOX", null, "ab", "publicKey")]
    [InlineData("DISCORD", null, "D75A980182B10AB7D54BFED3C964073A0EE172F3DAA62325AF021A68F707511A", null)]
    [InlineData("DISCORD", null, null, "publicKey")]
    [InlineData("DISCORD", null, "d75a", "publicKey")]
    [InlineData("DISCORD", null, "g75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "publicKey")]
    public void Each_type_takes_the_settings_that_it_needs_and_no_other(string type, string? url, string? publicKey, string? wrong)
    {
        var settings = ChannelSettings.For(ChannelType.Of(type), url, publicKey, new OutgoingPolicy());
        settings.Problem?.Errors!.Keys.ShouldBe([wrong!]);
        (settings.Problem is null).ShouldBe(wrong is null);
        settings.Value?.PublicKey.ShouldBe(publicKey?.ToLowerInvariant());
    }

    [Fact]
    public void A_feed_on_a_private_network_is_refused() =>
        ChannelSettings.For(ChannelType.Rss, "http://192.168.1.1/feed", null, new OutgoingPolicy()).Problem!.Code.ShouldBe("address-refused");

    [Fact]
    public void Quotas_hold_for_all_channels_and_for_each_type()
    {
        var quota = new ChannelQuota(PerPerson: 3, PerType: 2);
        quota.Refuses(ChannelType.Rss, new Dictionary<ChannelType, int>()).ShouldBeNull();
        quota.Refuses(ChannelType.Rss, new Dictionary<ChannelType, int> { [ChannelType.Rss] = 1, [ChannelType.Discord] = 1 }).ShouldBeNull();
        quota.Refuses(ChannelType.Rss, new Dictionary<ChannelType, int> { [ChannelType.Rss] = 2 })!.Detail.ShouldContain("type RSS");
        quota.Refuses(ChannelType.Rss, new Dictionary<ChannelType, int> { [ChannelType.Webhook] = 2, [ChannelType.Discord] = 1 })!.Code.ShouldBe("too-many-channels");
    }

    [Fact]
    public void An_unknown_type_is_a_mistake_in_the_program() => Should.Throw<ArgumentException>(() => ChannelType.Of("FAX"));

    private static ChannelName Name(string name) => ChannelName.Parse(name).Value!;
}
