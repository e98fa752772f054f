using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Mneme.Platform.Asking;

namespace Mneme.UnitTests.Platform.Asking;

public sealed class DnsDiscoveryTests
{
    private readonly ManualClock _clock = new();
    private readonly List<string> _asked = [];
    private Func<IPAddress[]> _answer = () => [];

    [Fact]
    public async Task Every_address_of_the_name_is_an_instance()
    {
        _answer = () => [IPAddress.Parse("10.0.0.6"), IPAddress.Parse("10.0.0.5"), IPAddress.Parse("fd00::1")];
        (await FindAsync(Discovery())).ShouldBe(["https://10.0.0.5:7443/", "https://10.0.0.6:7443/", "https://[fd00::1]:7443/"]);
        _asked.ShouldBe(["study.mneme.svc"]);
    }

    [Fact]
    public async Task A_name_is_looked_up_anew_when_it_is_old_and_nobody_waits_for_it()
    {
        var discovery = Discovery();
        _answer = () => [IPAddress.Parse("10.0.0.5")];
        await FindAsync(discovery);
        _answer = () => [IPAddress.Parse("10.0.0.6")];
        _clock.Advance(TimeSpan.FromSeconds(9));
        await FindAsync(discovery);
        _asked.Count.ShouldBe(1);

        _clock.Advance(TimeSpan.FromSeconds(2));
        (await FindAsync(discovery)).ShouldBe(["https://10.0.0.5:7443/"], "what was known is answered at once");
        await UntilAsync(async () => (await FindAsync(discovery)) is ["https://10.0.0.6:7443/"]);
        _asked.Count.ShouldBe(2);
    }

    [Fact]
    public async Task While_the_name_service_fails_what_it_said_last_holds_and_a_name_without_addresses_has_none()
    {
        var discovery = Discovery();
        _answer = () => [IPAddress.Parse("10.0.0.5")];
        await FindAsync(discovery);
        _answer = () => throw new SocketException((int)SocketError.TryAgain);
        _clock.Advance(TimeSpan.FromSeconds(11));
        await FindAsync(discovery);
        await UntilAsync(() => Task.FromResult(_asked.Count == 2));
        (await FindAsync(discovery)).ShouldBe(["https://10.0.0.5:7443/"]);
        _asked.Count.ShouldBe(2, "a name service that fails is not asked all the time");

        _answer = () => throw new SocketException((int)SocketError.HostNotFound);
        _clock.Advance(TimeSpan.FromSeconds(11));
        await UntilAsync(async () => (await FindAsync(discovery)).Count == 0);
    }

    [Fact]
    public async Task A_name_service_that_fails_from_the_start_leaves_nothing_known()
    {
        _answer = () => throw new SocketException((int)SocketError.TryAgain);
        var discovery = Discovery();
        (await FindAsync(discovery)).ShouldBeEmpty();

        _answer = () => [IPAddress.Parse("10.0.0.5")];
        await FindAsync(discovery);
        _asked.Count.ShouldBe(1, "it is not asked all the time");
        _clock.Advance(TimeSpan.FromSeconds(1));
        await UntilAsync(async () => (await FindAsync(discovery)).Count == 1);
    }

    private DnsDiscovery Discovery() => new(new AskOptions { Discovery = AskDiscovery.Dns }, _clock, NullLogger<DnsDiscovery>.Instance, (name, _) =>
    {
        _asked.Add(name);
        return Task.FromResult(_answer());
    });

    private static async Task<IReadOnlyList<string>> FindAsync(DnsDiscovery discovery) => [.. (await discovery.FindAsync("study", CancellationToken.None)).Select(uri => uri.AbsoluteUri)];

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!await condition())
            await Task.Delay(5, limit.Token);
    }
}

/// <summary>Time that stands still until a test moves it.</summary>
internal sealed class ManualClock : TimeProvider
{
    private long _ticks = 1;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => Interlocked.Read(ref _ticks);

    public override DateTimeOffset GetUtcNow() => new DateTimeOffset(2026, 11, 21, 12, 0, 0, TimeSpan.Zero).AddTicks(GetTimestamp());

    public void Advance(TimeSpan by) => Interlocked.Add(ref _ticks, by.Ticks);
}
