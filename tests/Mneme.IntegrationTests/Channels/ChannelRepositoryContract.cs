using Microsoft.Extensions.DependencyInjection;
using Mneme.Channels.Domain;
using Mneme.Channels.Infrastructure;
using Mneme.IntegrationTests.Support;

namespace Mneme.IntegrationTests.Channels;

/// <summary>
/// What every adapter of <see cref="IChannelRepository"/> promises. An adapter is a class that says how to reach it; each call is a session of its own, as requests are.
/// </summary>
public abstract class ChannelRepositoryContract
{
    private static readonly DateTimeOffset Start = new(2026, 3, 29, 12, 0, 0, TimeSpan.Zero);
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private readonly Guid _userId = Guid.NewGuid();
    private DateTimeOffset _now = Start;

    internal abstract Task<T> WithAsync<T>(Func<IChannelRepository, Task<T>> act);

    [Fact]
    public async Task A_saved_channel_is_found_as_it_was_by_its_owner_and_by_its_key()
    {
        var channel = await SavedAsync(ChannelType.Rss, "News", new ChannelSettings("https://example.org/feed", null));
        foreach (var found in new[] { await FindAsync(channel.Id), await WithAsync(r => r.FindByKeyAsync(channel.State.Key, Ct)) })
        {
            found.ShouldNotBeNull().State.ShouldBe(channel.State);
            (found.Id, found.Version, found.UnsavedEvents().Count).ShouldBe((channel.Id, 1, 0));
        }
    }

    [Fact]
    public async Task Another_persons_channel_is_as_unknown_as_one_that_does_not_exist()
    {
        var channel = await SavedAsync();
        (await WithAsync(r => r.FindAsync(channel.Id, Guid.NewGuid(), Ct))).ShouldBeNull();
        (await WithAsync(r => r.HistoryAsync(channel.Id, Guid.NewGuid(), 0, 10, Ct))).ShouldBeNull();
        (await FindAsync(Guid.NewGuid())).ShouldBeNull();
        (await WithAsync(r => r.FindByKeyAsync(ChannelKey.New(), Ct))).ShouldBeNull();
        (await WithAsync(r => r.HistoryAsync(Guid.NewGuid(), _userId, 0, 10, Ct))).ShouldBeNull();
        (await WithAsync(r => r.ListAsync(new ChannelFilter(Guid.NewGuid(), null, null, null, 10), Ct))).ShouldBeEmpty();
    }

    [Fact]
    public async Task Saving_marks_what_happened_as_saved_and_saving_nothing_is_fine()
    {
        var channel = await SavedAsync();
        channel.UnsavedEvents().ShouldBeEmpty();
        (await SaveAsync(channel)).ShouldBeTrue();
        (await FindAsync(channel.Id)).ShouldNotBeNull().Version.ShouldBe(1);
    }

    [Fact]
    public async Task Whatever_happened_and_however_it_was_saved_the_state_is_the_fold_of_the_history()
    {
        var channel = await SavedAsync(ChannelType.Webhook);
        // One at a time past a snapshot, then several at once across two more.
        for (var i = 0; i < ChannelSnapshot.Interval + 3; i++)
        {
            Change(channel, i);
            (await SaveAsync(channel)).ShouldBeTrue();
        }

        for (var i = 0; i < 2 * ChannelSnapshot.Interval; i++)
            Change(channel, i);
        (await SaveAsync(channel)).ShouldBeTrue();

        var found = (await FindAsync(channel.Id)).ShouldNotBeNull();
        (found.State, found.Version).ShouldBe((channel.State, channel.Version));
        var history = (await WithAsync(r => r.HistoryAsync(channel.Id, _userId, 0, 1000, Ct))).ShouldNotBeNull();
        history.Select(e => e.Version).ShouldBe(Enumerable.Range(1, (int)channel.Version).Select(v => (long)v));
        Channel.Restore(channel.Id, snapshot: null, history.Select(e => e.Event)).State.ShouldBe(channel.State);
    }

    [Fact]
    public async Task A_history_is_read_in_parts()
    {
        var channel = await SavedAsync();
        for (var i = 0; i < 5; i++)
            channel.RotateSecret(Next());
        await SaveAsync(channel);
        var part = (await WithAsync(r => r.HistoryAsync(channel.Id, _userId, afterVersion: 2, limit: 3, Ct))).ShouldNotBeNull();
        part.Select(e => e.Version).ShouldBe([3, 4, 5]);
        part.Select(e => ((SecretRotated)e.Event).Generation).ShouldBe([3, 4, 5]);
        (await WithAsync(r => r.HistoryAsync(channel.Id, _userId, afterVersion: 6, limit: 3, Ct))).ShouldNotBeNull().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_channel_that_was_changed_meanwhile_is_not_saved()
    {
        var channel = await SavedAsync();
        var stale = (await FindAsync(channel.Id))!;
        channel.Pause(Next());
        (await SaveAsync(channel)).ShouldBeTrue();
        stale.Rename(ChannelName.Stored("Stale"), Next());
        stale.Pause(Next());
        (await SaveAsync(stale)).ShouldBeFalse();
        stale.UnsavedEvents().Count.ShouldBe(2);
        (await FindAsync(channel.Id)).ShouldNotBeNull().State.ShouldBe(channel.State);
        (await WithAsync(r => r.ListAsync(new ChannelFilter(_userId, null, null, null, 10), Ct))).ShouldHaveSingleItem().Version.ShouldBe(2);
    }

    [Fact]
    public async Task Of_twenty_who_change_the_same_version_at_once_one_succeeds()
    {
        var channel = await SavedAsync();
        var copies = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => FindAsync(channel.Id)));
        var saved = await Task.WhenAll(copies.Select((copy, i) => Task.Run(async () =>
        {
            copy!.Rename(ChannelName.Stored($"Name {i}"), Start);
            return await SaveAsync(copy);
        })));
        saved.Count(isSaved => isSaved).ShouldBe(1);
        var found = (await FindAsync(channel.Id))!;
        (found.Version, found.State.Name.Value).ShouldBe((2, $"Name {Array.IndexOf(saved, true)}"));
    }

    [Fact]
    public async Task Lists_are_newest_first_by_type_and_status_and_in_parts()
    {
        var webhook = await SavedAsync(ChannelType.Webhook, "One");
        var telegram = await SavedAsync(ChannelType.Telegram, "Two");
        var other = await SavedAsync(ChannelType.Webhook, "Three");
        other.Pause(Next());
        other.Rename(ChannelName.Stored("Four"), Next());
        await SaveAsync(other);

        (await ListAsync(new ChannelFilter(_userId, null, null, null, 10))).ShouldBe(["Four", "Two", "One"]);
        (await ListAsync(new ChannelFilter(_userId, ChannelType.Webhook, null, null, 10))).ShouldBe(["Four", "One"]);
        (await ListAsync(new ChannelFilter(_userId, null, IsPaused: true, null, 10))).ShouldBe(["Four"]);
        (await ListAsync(new ChannelFilter(_userId, null, IsPaused: false, null, 10))).ShouldBe(["Two", "One"]);
        (await ListAsync(new ChannelFilter(_userId, null, null, null, 1))).ShouldBe(["Four"]);
        (await ListAsync(new ChannelFilter(_userId, null, null, other.Id, 1))).ShouldBe(["Two"]);
        (await ListAsync(new ChannelFilter(_userId, null, null, webhook.Id, 1))).ShouldBeEmpty();

        var summary = (await WithAsync(r => r.ListAsync(new ChannelFilter(_userId, ChannelType.Telegram, null, null, 10), Ct))).ShouldHaveSingleItem();
        summary.ShouldBe(new ChannelSummary(telegram.Id, ChannelType.Telegram, telegram.State.Name, telegram.State.Key, false, telegram.State.RegisteredAt, 1));
        var counts = await WithAsync(r => r.CountAsync(_userId, Ct));
        (counts.GetValueOrDefault(ChannelType.Webhook), counts.GetValueOrDefault(ChannelType.Telegram), counts.GetValueOrDefault(ChannelType.Rss)).ShouldBe((2, 1, 0));
    }

    [Fact]
    public async Task A_deleted_channel_is_gone_with_its_history_and_cannot_be_brought_back()
    {
        var channel = await SavedAsync();
        var stale = (await FindAsync(channel.Id))!;
        channel.Delete(Next());
        (await SaveAsync(channel)).ShouldBeTrue();
        (await FindAsync(channel.Id)).ShouldBeNull();
        (await WithAsync(r => r.FindByKeyAsync(channel.State.Key, Ct))).ShouldBeNull();
        (await WithAsync(r => r.HistoryAsync(channel.Id, _userId, 0, 10, Ct))).ShouldBeNull();
        (await WithAsync(r => r.CountAsync(_userId, Ct))).Values.Sum().ShouldBe(0);

        stale.Pause(Next());
        (await SaveAsync(stale)).ShouldBeFalse();
        var again = (await SavedAsync()).Id;
        again.ShouldNotBe(channel.Id);
    }

    [Fact]
    public async Task A_channel_that_was_changed_meanwhile_is_not_deleted()
    {
        var channel = await SavedAsync();
        var stale = (await FindAsync(channel.Id))!;
        channel.Pause(Next());
        await SaveAsync(channel);
        stale.Delete(Next());
        (await SaveAsync(stale)).ShouldBeFalse();
        (await FindAsync(channel.Id)).ShouldNotBeNull().Version.ShouldBe(2);
    }

    [Fact]
    public async Task Erasing_a_person_forgets_their_channels_and_no_others_however_often()
    {
        var mine = await SavedAsync();
        var others = Channel.Register(Guid.NewGuid(), ChannelType.Telegram, ChannelName.Stored("Others"), new ChannelSettings(null, null), Next());
        await SaveAsync(others);
        for (var i = 0; i < 2; i++)
        {
            await WithAsync(async r =>
            {
                await r.EraseAsync(_userId, Ct);
                return true;
            });
        }

        (await FindAsync(mine.Id)).ShouldBeNull();
        (await WithAsync(r => r.FindByKeyAsync(mine.State.Key, Ct))).ShouldBeNull();
        (await WithAsync(r => r.FindAsync(others.Id, others.State.UserId, Ct))).ShouldNotBeNull();
    }

    private static void Change(Channel channel, int i)
    {
        var at = Start.AddMinutes(i);
        if (i % 4 == 0)
            channel.RotateSecret(at);
        else if (i % 4 == 1)
            channel.Rename(ChannelName.Stored($"Name {i} of {channel.Version}"), at);
        else if (channel.State.IsPaused)
            channel.Resume(at);
        else
            channel.Pause(at);
    }

    private async Task<Channel> SavedAsync(ChannelType? type = null, string name = "News", ChannelSettings? settings = null)
    {
        var channel = Channel.Register(_userId, type ?? ChannelType.Telegram, ChannelName.Stored(name), settings ?? new ChannelSettings(null, null), Next());
        (await SaveAsync(channel)).ShouldBeTrue();
        return channel;
    }

    private Task<Channel?> FindAsync(Guid id) => WithAsync(r => r.FindAsync(id, _userId, Ct));

    private Task<bool> SaveAsync(Channel channel) => WithAsync(r => r.TrySaveAsync(channel, Ct));

    private async Task<IEnumerable<string>> ListAsync(ChannelFilter filter) => (await WithAsync(r => r.ListAsync(filter, Ct))).Select(c => c.Name.Value);

    // Ids sort by time, so each channel needs a time of its own.
    private DateTimeOffset Next() => _now += TimeSpan.FromSeconds(1);
}

public sealed class PostgresChannelRepositoryTests(SharedApplication shared) : ChannelRepositoryContract
{
    internal override async Task<T> WithAsync<T>(Func<IChannelRepository, Task<T>> act)
    {
        await using var scope = shared.App.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ChannelsDb>();
        await using var transaction = await db.Database.BeginTransactionAsync(TestContext.Current.CancellationToken);
        var result = await act(scope.ServiceProvider.GetRequiredService<PostgresChannelRepository>());
        await transaction.CommitAsync(TestContext.Current.CancellationToken);
        return result;
    }
}

/// <summary>On a server of its own, which keeps what it confirms; each test is a person of its own.</summary>
[Collection(RedisChannelsTests.Collection)]
public sealed class RedisChannelRepositoryTests(ChannelsInRedis channels) : ChannelRepositoryContract
{
    internal override Task<T> WithAsync<T>(Func<IChannelRepository, Task<T>> act) => act(channels.Application.App.Services.GetRequiredService<RedisChannelRepository>());
}

public sealed class InMemoryChannelRepositoryTests : ChannelRepositoryContract
{
    private readonly InMemoryChannelRepository _repository = new();

    internal override Task<T> WithAsync<T>(Func<IChannelRepository, Task<T>> act) => act(_repository);
}
