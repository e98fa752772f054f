using FsCheck;
using FsCheck.Fluent;
using Mneme.Channels.Domain;
using Mneme.Channels.Infrastructure;

namespace Mneme.UnitTests.Channels;

/// <summary>A channel is the fold of its history, from the beginning or from any snapshot, and its history survives being stored.</summary>
public sealed class ChannelHistoryProperties
{
    private static readonly DateTimeOffset Start = new(2026, 3, 29, 12, 0, 0, TimeSpan.Zero);
    private static readonly Config Settings = Config.QuickThrowOnFailure.WithMaxTest(300).WithReplay(20261121, 3);

    [Fact]
    public void The_state_is_the_fold_of_the_history() => Prop.ForAll(Lives(), acts =>
    {
        var (channel, history) = Live(acts);
        var restored = Channel.Restore(channel.Id, snapshot: null, history);
        return restored.State == channel.State && restored.Version == channel.Version && history.Count == channel.Version;
    }).Check(Settings);

    [Fact]
    public void A_snapshot_taken_anywhere_changes_nothing() => Prop.ForAll(Lives(), Gen.Choose(0, 1_000).ToArbitrary(), (acts, at) =>
    {
        var (channel, history) = Live(acts);
        var version = 1 + at % history.Count;
        var early = Channel.Restore(channel.Id, snapshot: null, history.Take(version));
        var stored = ChannelJson.ReadState(ChannelJson.Write(early.State));
        var restored = Channel.Restore(channel.Id, new ChannelSnapshot(version, stored), history.Skip(version));
        return restored.State == channel.State && restored.Version == channel.Version;
    }).Check(Settings);

    [Fact]
    public void Stored_events_are_read_as_they_were() => Prop.ForAll(Lives(), acts =>
    {
        var (_, history) = Live(acts);
        return history.All(e => ChannelJson.ReadEvent(ChannelJson.NameOf(e), ChannelJson.Write(e)) == e);
    }).Check(Settings);

    [Fact]
    public void A_restored_channel_has_nothing_to_save() => Prop.ForAll(Lives(), acts =>
    {
        var (channel, history) = Live(acts);
        return Channel.Restore(channel.Id, snapshot: null, history).UnsavedEvents().Count == 0;
    }).Check(Settings);

    [Fact]
    public void A_snapshot_is_due_whenever_an_interval_is_passed()
    {
        ChannelSnapshot.IsDue(0, 1).ShouldBeFalse();
        ChannelSnapshot.IsDue(ChannelSnapshot.Interval - 1, ChannelSnapshot.Interval).ShouldBeTrue();
        ChannelSnapshot.IsDue(ChannelSnapshot.Interval, ChannelSnapshot.Interval + 1).ShouldBeFalse();
        ChannelSnapshot.IsDue(ChannelSnapshot.Interval - 2, ChannelSnapshot.Interval + 3).ShouldBeTrue();
    }

    /// <summary>Events that were stored before a program was changed are read after it: the stored form is a contract.</summary>
    [Fact]
    public void Events_of_old_are_read()
    {
        var registered = ChannelJson.ReadEvent("registered", """
            {"channelId":"01890000-0000-7000-8000-000000000001","at":"2026-03-29T12:00:00+00:00","userId":"01890000-0000-7000-8000-000000000002","type":"RSS","name":"News",
             "key":"AAAAAAAAAAAAAAAAAAAAAA","settings":{"url":"https://example.org/feed","publicKey":null}}
            """);
        registered.ShouldBe(new Registered(
            new Guid("01890000-0000-7000-8000-000000000001"), Start, new Guid("01890000-0000-7000-8000-000000000002"), ChannelType.Rss, ChannelName.Stored("News"),
            new ChannelKey("AAAAAAAAAAAAAAAAAAAAAA"), new ChannelSettings("https://example.org/feed", null)));
        ChannelJson.ReadEvent("secret-rotated", """{"channelId":"01890000-0000-7000-8000-000000000001","at":"2026-03-29T12:00:00+00:00","generation":2}""")
            .ShouldBe(new SecretRotated(new Guid("01890000-0000-7000-8000-000000000001"), Start, 2));
    }

    private enum Act
    {
        Rename,
        Pause,
        Resume,
        Rotate,
    }

    private static Arbitrary<Act[]> Lives() => Gen.ArrayOf(Gen.Elements(Enum.GetValues<Act>())).ToArbitrary();

    private static (Channel Channel, List<ChannelEvent> History) Live(Act[] acts)
    {
        var now = Start;
        var channel = Channel.Register(Guid.NewGuid(), ChannelType.Webhook, ChannelName.Stored("News"), new ChannelSettings(null, null), now);
        foreach (var act in acts)
        {
            now = now.AddMinutes(1);
            switch (act)
            {
                case Act.Rename:
                    channel.Rename(ChannelName.Stored($"News {now.Minute % 3}"), now);
                    break;
                case Act.Pause:
                    channel.Pause(now);
                    break;
                case Act.Resume:
                    channel.Resume(now);
                    break;
                case Act.Rotate:
                    channel.RotateSecret(now);
                    break;
            }
        }

        return (channel, [.. channel.UnsavedEvents().Cast<ChannelEvent>()]);
    }
}
