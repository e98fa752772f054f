using Microsoft.Extensions.DependencyInjection;
using Mneme.IntegrationTests.Brokers;
using Mneme.IntegrationTests.Platform.Probe;
using Mneme.IntegrationTests.Support;
using Mneme.Platform.Messaging;

namespace Mneme.IntegrationTests.Redis;

/// <summary>What is Redis' own about the transport; what holds for all is in <see cref="TransportConformance{TBroker}"/>.</summary>
public sealed class StreamTests(RedisBroker broker, SharedApplication shared) : IClassFixture<RedisBroker>
{
    private readonly string _prefix = "t" + Guid.NewGuid().ToString("n")[..12];

    private string Stream => $"{_prefix}.probe-events";

    [Fact]
    public async Task Only_what_every_group_has_acknowledged_is_removed()
    {
        await using var probe = await StartAsync();
        await ListeningAsync(probe);
        await broker.Instance.CommandAsync("XGROUP", "CREATE", Stream, "slow", "0");
        await PublishAsync(probe, 20, "trimmed");
        await HandledAsync(probe, "trimmed", 20);

        // The other group has read nothing, then half of them, and acknowledged all of these but the fifth.
        await RoundsAsync(2);
        (await broker.Instance.NumberAsync("XLEN", Stream)).ShouldBe(20);
        var half = (await broker.Instance.JsonAsync("XREADGROUP", "GROUP", "slow", "tests", "COUNT", "10", "STREAMS", Stream, ">")).GetProperty(Stream).EnumerateArray().Select(entry => entry[0].GetString()!).ToList();
        await broker.Instance.CommandAsync(["XACK", Stream, "slow", .. half.Where((_, i) => i != 4)]);
        await Eventually.TrueAsync(async () => await broker.Instance.NumberAsync("XLEN", Stream) == 16, "four are removed");
        (await broker.Instance.JsonAsync("XRANGE", Stream, "-", "+", "COUNT", "1"))[0][0].GetString().ShouldBe(half[4]);

        await broker.Instance.CommandAsync("XACK", Stream, "slow", half[4]);
        await Eventually.TrueAsync(async () => await broker.Instance.NumberAsync("XLEN", Stream) == 10, "those that it has not read stay");
        await broker.Instance.CommandAsync("XGROUP", "DESTROY", Stream, "slow");
        await Eventually.TrueAsync(async () => await broker.Instance.NumberAsync("XLEN", Stream) == 0, "nothing is left: events are about people");
    }

    [Fact]
    public async Task What_is_being_handled_is_not_taken_over_while_its_holder_lives()
    {
        // Long enough that a loaded machine does not make its holder look dead.
        (string, string) claimAfter = ("Redis:ClaimAfter", "00:00:06");
        await using var first = await StartAsync(null, claimAfter);
        var (entered, goOn) = (new TaskCompletionSource(), new TaskCompletionSource());
        first.Control.BeforeEffect = async (_, ct) =>
        {
            entered.TrySetResult();
            await goOn.Task.WaitAsync(ct);
        };
        // One: of several the first might read but some before it handles them, and the second would rightly take the others.
        await PublishAsync(first, 1, "held");
        await entered.Task;
        await using var second = await StartAsync(first.App.Clock, claimAfter);
        await ListeningAsync(second);

        // Six rounds of the second one, each a third of that time.
        await RoundsAsync(2);
        (await second.EffectsAsync("held")).ShouldBe(0);
        Statistics(second).ReceivedCount.ShouldBe(0);
        goOn.SetResult();

        await HandledAsync(first, "held", 1);
        await Eventually.TrueAsync(async () => await PendingAsync() == 0, "it is acknowledged");
        Statistics(first).RedeliveredCount.ShouldBe(0);
        Statistics(second).ReceivedCount.ShouldBe(0);
    }

    [Fact]
    public async Task What_an_instance_that_died_had_in_hand_is_taken_over_with_its_deliveries_counted()
    {
        await using (var probe = await StartAsync())
        {
            await ListeningAsync(probe);
            await probe.App.Services.GetServices<EventListener>().Single().StopAsync(CancellationToken.None);
            await PublishAsync(probe, 3, "orphaned");
            await Eventually.TrueAsync(async () => await broker.Instance.NumberAsync("XLEN", Stream) == 3, "they are published");
        }

        await broker.Instance.CommandAsync("XREADGROUP", "GROUP", "probe", "dead", "STREAMS", Stream, ">");
        await using var heir = await StartAsync();

        await HandledAsync(heir, "orphaned", 3);
        await Eventually.TrueAsync(() => Task.FromResult(Statistics(heir).RedeliveredCount == 3), "the listener knows that they came before");
        await Eventually.TrueAsync(async () => await PendingAsync() == 0, "they are acknowledged");
    }

    [Fact]
    public async Task Entries_that_somebody_deleted_do_not_come_back_for_ever()
    {
        await using var probe = await StartAsync();
        await ListeningAsync(probe);
        await probe.App.Services.GetServices<EventListener>().Single().StopAsync(CancellationToken.None);
        var id = await broker.Instance.CommandAsync("XADD", Stream, "*", "event", "{}");
        await broker.Instance.CommandAsync("XREADGROUP", "GROUP", "probe", "dead", "STREAMS", Stream, ">");
        await broker.Instance.CommandAsync("XDEL", Stream, id);

        await probe.App.Services.GetServices<EventListener>().Single().StartAsync(CancellationToken.None);

        await Eventually.TrueAsync(async () => await PendingAsync() == 0, "it is not pending any more");
        Statistics(probe).ReceivedCount.ShouldBe(0);
    }

    [Fact]
    public async Task An_instance_that_stops_leaves_no_member_behind()
    {
        await using (var probe = await StartAsync())
        {
            await PublishAsync(probe, 3, "left");
            await HandledAsync(probe, "left", 3);
            await Eventually.TrueAsync(async () => await PendingAsync() == 0, "they are acknowledged");
        }

        (await broker.Instance.JsonAsync("XINFO", "CONSUMERS", Stream, "probe")).GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public async Task Events_that_nobody_wants_are_not_sent()
    {
        await using var probe = await StartAsync();
        await ListeningAsync(probe);
        var unwanted = new EventEnvelope(Guid.NewGuid(), "probe.unknown.v1", "probe-events", "probe", Guid.NewGuid(), probe.App.Clock.GetUtcNow(), null, "{}");

        await probe.App.PublishAsync([unwanted]);

        (await broker.Instance.JsonAsync("XINFO", "STREAM", Stream)).GetProperty("entries-added").GetInt64().ShouldBe(0);
    }

    [Fact]
    public async Task A_user_with_the_documented_permissions_can_do_everything()
    {
        await broker.Instance.CommandAsync(
            ["ACL", "SETUSER", _prefix, "on", ">password", $"~{_prefix}.*", .. "+@connection +@stream +@scripting +get +set +time +config|get +wait".Split(' ')]);
        await using var probe = await StartAsync(null, ("Redis:Url", $"redis://{_prefix}:password@127.0.0.1:{broker.Instance.Port}/"));

        await PublishAsync(probe, 20, "permitted");
        await HandledAsync(probe, "permitted", 20);
        await Eventually.TrueAsync(async () => await broker.Instance.NumberAsync("XLEN", Stream) == 0, "they are acknowledged and removed");
        await broker.Instance.CommandAsync("XADD", Stream, "*", "event", "no event");
        await Eventually.TrueAsync(async () => (await broker.UnreadableAsync(_prefix)).Count == 1, "it is set aside");
        await probe.App.Services.GetServices<EventListener>().Single().StopAsync(CancellationToken.None);
        (await broker.Instance.CommandAsync("ACL", "LOG")).ShouldNotContain(_prefix);
    }

    private async Task<ProbeApplication> StartAsync(TestClock? clock = null, params (string Key, string Value)[] settings) => await ProbeApplication.StartAsync(
        shared.Postgres, _prefix, clock, [("Messaging:Prefix", _prefix), .. broker.Settings.Select(setting => (setting.Key, setting.Value!)), ("Redis:ClaimAfter", "00:00:01.5"), .. settings]);

    private static Task PublishAsync(ProbeApplication probe, int count, string label) => probe.App.PublishAsync(
        [.. Enumerable.Range(0, count).Select(_ => EventEnvelope.Of(new ProbeHappened(Guid.NewGuid(), label), "probe", probe.App.Clock.GetUtcNow(), traceParent: null))]);

    private static async Task HandledAsync(ProbeApplication probe, string label, int count)
    {
        await Eventually.TrueAsync(async () => await probe.EffectsAsync(label) >= count, $"{count} events '{label}' are handled");
        (await probe.EffectsAsync(label)).ShouldBe(count);
    }

    private static Task ListeningAsync(ProbeApplication probe) =>
        Eventually.TrueAsync(() => Task.FromResult(probe.App.Services.GetServices<EventListener>().Single().State == ListenerState.Listening), "it listens");

    private static ListenerStatistics Statistics(ProbeApplication probe) => probe.App.Services.GetServices<EventListener>().Single().Statistics;

    private async Task<long> PendingAsync() => (await broker.Instance.JsonAsync("XPENDING", Stream, "probe"))[0].GetInt64();

    /// <summary>Returns when listeners have looked for entries to take over, and for some to remove, so many times: each look is an EVAL.</summary>
    private async Task RoundsAsync(int count)
    {
        async Task<long> TrimsAsync() => long.Parse(
            (await broker.Instance.CommandAsync("INFO", "commandstats")).Split('\n').SingleOrDefault(line => line.StartsWith("cmdstat_xinfo|groups:calls=", StringComparison.Ordinal))?.Split('=', ',')[1] ?? "0");
        // Each listener looks at two streams.
        var end = await TrimsAsync() + 2 * 2 * (count + 1);
        await Eventually.TrueAsync(async () => await TrimsAsync() >= end, $"{count} rounds are over");
    }
}
