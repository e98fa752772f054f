using System.Security.Cryptography;
using Microsoft.Extensions.Caching.Distributed;
using Mneme.IntegrationTests.Support;

namespace Mneme.IntegrationTests.Platform.Caching;

/// <summary>What every distributed cache does, wherever it keeps its entries.</summary>
public abstract class DistributedCacheContract
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private static readonly byte[] Value = [1, 2, 3];

    protected abstract IDistributedCache Cache { get; }

    protected TestClock Clock { get; } = new();

    /// <summary>Lets time go by for the entries and for <see cref="Clock"/>.</summary>
    protected abstract Task PassAsync(TimeSpan time);

    [Fact]
    public async Task Values_come_back_byte_by_byte()
    {
        foreach (var length in new[] { 0, 1, 256, 300_000 })
        {
            var value = new byte[length];
            new Random(length).NextBytes(value);
            await Cache.SetAsync("value", value, new DistributedCacheEntryOptions(), CancellationToken.None);

            SHA256.HashData((await Cache.GetAsync("value", CancellationToken.None))!).ShouldBe(SHA256.HashData(value), $"{length} bytes");
        }
    }

    [Fact]
    public async Task What_was_never_set_or_was_removed_is_not_found()
    {
        (await Cache.GetAsync("nothing", CancellationToken.None)).ShouldBeNull();
        await Cache.RefreshAsync("nothing", CancellationToken.None);
        await Cache.RemoveAsync("nothing", CancellationToken.None);

        await Cache.SetAsync("removed", Value, new DistributedCacheEntryOptions(), CancellationToken.None);
        await Cache.RemoveAsync("removed", CancellationToken.None);
        (await Cache.GetAsync("removed", CancellationToken.None)).ShouldBeNull();
    }

    [Fact]
    public async Task Without_an_expiry_an_entry_stays()
    {
        await Cache.SetAsync("forever", Value, new DistributedCacheEntryOptions(), CancellationToken.None);

        await PassAsync(TimeSpan.FromDays(1000));

        (await Cache.GetAsync("forever", CancellationToken.None)).ShouldBe(Value);
    }

    [Fact]
    public async Task Setting_again_replaces_the_value_and_its_expiry()
    {
        await Cache.SetAsync("again", Value, new DistributedCacheEntryOptions { SlidingExpiration = Minute, AbsoluteExpirationRelativeToNow = 2 * Minute }, CancellationToken.None);
        await Cache.SetAsync("again", [4], new DistributedCacheEntryOptions(), CancellationToken.None);

        await PassAsync(10 * Minute);

        (await Cache.GetAsync("again", CancellationToken.None)).ShouldBe(new byte[] { 4 });
    }

    [Fact]
    public async Task An_entry_lives_until_its_time_and_reading_does_not_prolong_it()
    {
        await Cache.SetAsync("relative", Value, new DistributedCacheEntryOptions { AbsoluteExpirationRelativeToNow = 2 * Minute }, CancellationToken.None);
        await Cache.SetAsync("absolute", Value, new DistributedCacheEntryOptions { AbsoluteExpiration = Clock.GetUtcNow() + 2 * Minute }, CancellationToken.None);

        await PassAsync(Minute);
        (await Cache.GetAsync("relative", CancellationToken.None)).ShouldBe(Value);
        (await Cache.GetAsync("absolute", CancellationToken.None)).ShouldBe(Value);
        await PassAsync(Minute);
        (await Cache.GetAsync("relative", CancellationToken.None)).ShouldBeNull();
        (await Cache.GetAsync("absolute", CancellationToken.None)).ShouldBeNull();
    }

    [Fact]
    public async Task Of_two_ends_the_earlier_counts()
    {
        var (soon, late) = (2 * Minute, 20 * Minute);
        await Cache.SetAsync("one", Value, new DistributedCacheEntryOptions { AbsoluteExpirationRelativeToNow = soon, AbsoluteExpiration = Clock.GetUtcNow() + late }, CancellationToken.None);
        await Cache.SetAsync("other", Value, new DistributedCacheEntryOptions { AbsoluteExpirationRelativeToNow = late, AbsoluteExpiration = Clock.GetUtcNow() + soon }, CancellationToken.None);

        await PassAsync(3 * Minute);

        (await Cache.GetAsync("one", CancellationToken.None)).ShouldBeNull();
        (await Cache.GetAsync("other", CancellationToken.None)).ShouldBeNull();
    }

    [Fact]
    public async Task An_entry_that_slides_lives_as_long_as_it_is_read_or_refreshed()
    {
        var sliding = new DistributedCacheEntryOptions { SlidingExpiration = 2 * Minute };
        foreach (var key in new[] { "read", "refreshed", "left alone" })
            await Cache.SetAsync(key, Value, sliding, CancellationToken.None);

        for (var i = 0; i < 5; i++)
        {
            await PassAsync(Minute);
            (await Cache.GetAsync("read", CancellationToken.None)).ShouldBe(Value);
            await Cache.RefreshAsync("refreshed", CancellationToken.None);
        }

        (await Cache.GetAsync("refreshed", CancellationToken.None)).ShouldBe(Value);
        (await Cache.GetAsync("left alone", CancellationToken.None)).ShouldBeNull();
        await PassAsync(3 * Minute);
        (await Cache.GetAsync("read", CancellationToken.None)).ShouldBeNull();
    }

    [Fact]
    public async Task No_entry_slides_beyond_its_end()
    {
        await Cache.SetAsync("bounded", Value, new DistributedCacheEntryOptions { SlidingExpiration = 2 * Minute, AbsoluteExpirationRelativeToNow = 5 * Minute }, CancellationToken.None);
        await Cache.SetAsync("shorter", Value, new DistributedCacheEntryOptions { SlidingExpiration = 20 * Minute, AbsoluteExpirationRelativeToNow = 5 * Minute }, CancellationToken.None);

        for (var i = 0; i < 4; i++)
        {
            await PassAsync(Minute);
            (await Cache.GetAsync("bounded", CancellationToken.None)).ShouldBe(Value);
            (await Cache.GetAsync("shorter", CancellationToken.None)).ShouldBe(Value);
        }

        await PassAsync(Minute);
        (await Cache.GetAsync("bounded", CancellationToken.None)).ShouldBeNull();
        (await Cache.GetAsync("shorter", CancellationToken.None)).ShouldBeNull();
    }

    [Fact]
    public async Task What_is_over_before_it_begins_takes_the_place_of_what_was_there()
    {
        await Cache.SetAsync("over", Value, new DistributedCacheEntryOptions(), CancellationToken.None);

        await Cache.SetAsync("over", [4], new DistributedCacheEntryOptions { AbsoluteExpiration = Clock.GetUtcNow() - Minute }, CancellationToken.None);

        (await Cache.GetAsync("over", CancellationToken.None)).ShouldBeNull();
    }

    [Fact]
    public async Task Any_text_is_a_key_and_no_two_are_the_same()
    {
        string[] keys = ["", " ", "a", "A", "a*", "a\r\nb", "ä", "a\u0308", "🦦", "a.b", new('x', 5000), "a\0b"];
        for (var i = 0; i < keys.Length; i++)
            await Cache.SetAsync(keys[i], [(byte)i], new DistributedCacheEntryOptions(), CancellationToken.None);

        for (var i = 0; i < keys.Length; i++)
            (await Cache.GetAsync(keys[i], CancellationToken.None)).ShouldBe(new[] { (byte)i }, $"key {i}");
    }

    [Fact]
    public void The_synchronous_methods_do_the_same()
    {
        Cache.Set("synchronous", Value, new DistributedCacheEntryOptions { SlidingExpiration = Minute });

        Cache.Refresh("synchronous");
        Cache.Get("synchronous").ShouldBe(Value);
        Cache.Remove("synchronous");
        Cache.Get("synchronous").ShouldBeNull();
        Cache.Get("nothing").ShouldBeNull();
    }

    [Fact]
    public async Task Null_is_neither_key_nor_value_nor_options()
    {
        var none = new DistributedCacheEntryOptions();
        await Should.ThrowAsync<ArgumentNullException>(async () => await Cache.GetAsync(null!, CancellationToken.None));
        await Should.ThrowAsync<ArgumentNullException>(async () => await Cache.RefreshAsync(null!, CancellationToken.None));
        await Should.ThrowAsync<ArgumentNullException>(async () => await Cache.RemoveAsync(null!, CancellationToken.None));
        await Should.ThrowAsync<ArgumentNullException>(async () => await Cache.SetAsync(null!, Value, none, CancellationToken.None));
        await Should.ThrowAsync<ArgumentNullException>(async () => await Cache.SetAsync("key", null!, none, CancellationToken.None));
        await Should.ThrowAsync<ArgumentNullException>(async () => await Cache.SetAsync("key", Value, null!, CancellationToken.None));
        Should.Throw<ArgumentNullException>(() => Cache.Get(null!));
        Should.Throw<ArgumentNullException>(() => Cache.Set("key", null!, none));
    }

    [Fact]
    public async Task Many_at_once_each_read_a_whole_value()
    {
        await Task.WhenAll(Enumerable.Range(0, 16).Select(caller => Task.Run(async () =>
        {
            var own = Enumerable.Repeat((byte)caller, 1000 + caller).ToArray();
            for (var i = 0; i < 20; i++)
            {
                await Cache.SetAsync("shared", own, new DistributedCacheEntryOptions { SlidingExpiration = Minute }, CancellationToken.None);
                var read = (await Cache.GetAsync("shared", CancellationToken.None)).ShouldNotBeNull();
                read.ShouldAllBe(one => one == read[0]);
                read.Length.ShouldBe(1000 + read[0]);
            }
        })));
    }
}
