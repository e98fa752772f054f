using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Mneme.IntegrationTests.Platform.Probe;
using Mneme.IntegrationTests.Support;
using Mneme.Platform.Messaging;

namespace Mneme.IntegrationTests.Brokers;

/// <summary>What every transport has to hold, written once and run on each broker (DESIGN of the port: docs/adr/0007).</summary>
public abstract class TransportConformance<TBroker>(TBroker broker, SharedApplication shared) : IClassFixture<TBroker>
    where TBroker : class, IBroker
{
    private readonly string _prefix = "t" + Guid.NewGuid().ToString("n")[..12];

    protected TBroker Broker => broker;

    [Fact]
    public async Task Events_have_their_effects_once_and_leave_the_outbox()
    {
        await using var probe = await StartAsync();
        using var client = probe.App.ClientOf(Guid.NewGuid());

        for (var i = 0; i < 10; i++)
            await PublishAsync(client, 50, "steady");

        await HandledAsync(probe, "steady", 500);
        await Eventually.TrueAsync(async () => await probe.CountAsync("outbox") == 0, "the relay removes what was confirmed");
        (await probe.CountAsync("failed_deliveries")).ShouldBe(0);
    }

    [Fact]
    public async Task The_same_event_published_fifty_times_has_one_effect()
    {
        await using var probe = await StartAsync();
        var envelope = EventEnvelope.Of(new ProbeHappened(Guid.NewGuid(), "fifty"), "probe", probe.App.Clock.GetUtcNow(), traceParent: null);

        for (var i = 0; i < 50; i++)
            await probe.App.PublishAsync([envelope]);

        // Every copy is done with before one counts the effects.
        await Eventually.TrueAsync(async () => await StatAsync(probe, "handled") >= 50, "all fifty are delivered");
        (await probe.EffectsAsync("fifty")).ShouldBe(1);
    }

    [Fact]
    public async Task What_was_acknowledged_and_is_delivered_again_has_no_second_effect()
    {
        await using var probe = await StartAsync();
        await ListeningAsync(probe);
        await broker.KeepAsync(_prefix, "probe-events");
        using (var client = probe.App.ClientOf(Guid.NewGuid()))
            await PublishAsync(client, 20, "replayed");
        await HandledAsync(probe, "replayed", 20);
        await SwitchAsync(probe, "stop");
        var handled = await StatAsync(probe, "handled");

        await broker.ReplayAsync(_prefix, "probe-events", "probe");
        await SwitchAsync(probe, "start");

        await Eventually.TrueAsync(async () => await StatAsync(probe, "handled") >= handled + 20, "all of them are delivered again");
        (await probe.EffectsAsync("replayed")).ShouldBe(20);
        (await probe.CountAsync("failed_deliveries")).ShouldBe(0);
    }

    [Fact]
    public async Task Two_instances_share_the_events_and_none_has_an_effect_twice()
    {
        await using var first = await StartAsync();
        await using var second = await StartAsync(first.App.Clock);
        using var client = first.App.ClientOf(Guid.NewGuid());
        await ListeningAsync(first);
        await ListeningAsync(second);
        var published = 0;

        // However a broker divides them, with more and more events nobody goes without.
        await Eventually.TrueAsync(
            async () =>
            {
                await PublishForManyAsync(first, 50, "shared");
                published += 50;
                return await StatAsync(first, "handled") > 0 && await StatAsync(second, "handled") > 0;
            },
            "both instances handle events");

        await HandledAsync(first, "shared", published);
        (await first.CountAsync("failed_deliveries")).ShouldBe(0);
    }

    [Fact]
    public async Task What_one_instance_did_not_finish_another_does()
    {
        await using var first = await StartAsync();
        await ListeningAsync(first);
        var entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        first.Control.BeforeEffect = (_, ct) =>
        {
            entered.TrySetResult();
            return Task.Delay(Timeout.Infinite, ct);
        };
        using (var client = first.App.ClientOf(Guid.NewGuid()))
            await PublishAsync(client, 5, "handed-over");
        await entered.Task;

        await using var second = await StartAsync(first.App.Clock);
        await ListeningAsync(second);
        await SwitchAsync(first, "stop");

        await HandledAsync(second, "handed-over", 5);
        (await second.CountAsync("failed_deliveries")).ShouldBe(0);
    }

    [Fact]
    public async Task A_connection_that_is_cut_while_an_event_is_handled_repeats_the_delivery_and_not_the_effect()
    {
        await using var probe = await StartAsync();
        await ListeningAsync(probe);
        var entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var goOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        probe.Control.BeforeEffect = async (_, ct) =>
        {
            entered.TrySetResult();
            await goOn.Task.WaitAsync(ct);
        };
        using var client = probe.App.ClientOf(Guid.NewGuid());
        await PublishAsync(client, 1, "cut");
        await entered.Task;

        await broker.DisconnectAllAsync();
        goOn.SetResult();
        await PublishAsync(client, 1, "after the cut");

        await HandledAsync(probe, "after the cut", 1);
        await HandledAsync(probe, "cut", 1);
        (await probe.CountAsync("failed_deliveries")).ShouldBe(0);
    }

    [Fact]
    public async Task A_poison_event_is_retried_and_dies_while_the_others_proceed_and_is_redriven_once()
    {
        await using var probe = await StartAsync();
        probe.Control.Failing["poison"] = true;
        using var client = probe.App.ClientOf(Guid.NewGuid());
        await PublishAsync(client, 10, "healthy");
        await PublishAsync(client, 1, "poison");
        await PublishAsync(client, 10, "healthy");

        await HandledAsync(probe, "healthy", 20);
        using var admin = probe.App.Admin();
        var letter = await Eventually.NotNullAsync(async () => (await DeadLettersAsync(admin)).Cast<JsonElement?>().SingleOrDefault()?.ToString(), "the poison dies");
        using var document = JsonDocument.Parse(letter);
        document.RootElement.GetProperty("attempts").GetInt32().ShouldBe(3);

        probe.Control.Failing.Clear();
        (await admin.PostAsync($"admin/dead-letters/probe/{document.RootElement.GetProperty("eventId").GetGuid()}/redrive", null)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        await HandledAsync(probe, "poison", 1);
    }

    [Fact]
    public async Task A_broker_that_is_down_at_the_start_keeps_nobody_from_working_and_events_wait_for_it()
    {
        await broker.KillAsync();
        ProbeApplication? probe = null;
        try
        {
            probe = await StartAsync();
            using var client = probe.App.ClientOf(Guid.NewGuid());
            await PublishAsync(client, 20, "patient");
            using var anonymous = new HttpClient { BaseAddress = probe.App.Address };
            (await anonymous.GetAsync("/health/ready")).StatusCode.ShouldBe(HttpStatusCode.OK, "what is asked of this process is done and kept");
            (await probe.CountAsync("outbox")).ShouldBe(20);
            using var admin = probe.App.Admin();
            await Eventually.TrueAsync(async () => (await ListenerAsync(admin, "status")).GetProperty("lastError").GetString() is not null, "the operator sees why");
        }
        finally
        {
            await broker.StartAsync();
        }

        await using (probe)
        {
            await HandledAsync(probe, "patient", 20);
            await Eventually.TrueAsync(async () => await probe.CountAsync("outbox") == 0, "the outbox drains");
        }
    }

    [Fact]
    public async Task A_broker_that_is_killed_under_load_loses_nothing_and_repeats_nothing()
    {
        await using var probe = await StartAsync();
        using var client = probe.App.ClientOf(Guid.NewGuid());
        var published = 0;
        using var enough = new CancellationTokenSource();
        await ListeningAsync(probe);
        await broker.SettleAsync();
        var load = Task.Run(async () =>
        {
            using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
            while (!enough.IsCancellationRequested)
            {
                await PublishAsync(client, 20, "loaded");
                Interlocked.Add(ref published, 20);
                await pace.WaitForNextTickAsync();
            }
        });

        await Eventually.TrueAsync(async () => await StatAsync(probe, "handled") > 200, "it is under load");
        await broker.KillAsync();
        var before = Volatile.Read(ref published);
        await Eventually.TrueAsync(() => Task.FromResult(Volatile.Read(ref published) > before + 100), "requests are answered while the broker is down");
        await broker.StartAsync();
        var after = await probe.EffectsAsync("loaded");
        await Eventually.TrueAsync(async () => await probe.EffectsAsync("loaded") > after, "events flow again");
        await enough.CancelAsync();
        await load;

        await HandledAsync(probe, "loaded", published);
        (await probe.CountAsync("failed_deliveries")).ShouldBe(0);
    }

    [Fact]
    public async Task A_frozen_broker_blocks_nobody_and_loses_nothing()
    {
        await using var probe = await StartAsync();
        using var client = probe.App.ClientOf(Guid.NewGuid());
        await PublishAsync(client, 10, "frozen");
        await HandledAsync(probe, "frozen", 10);

        broker.Freeze();
        try
        {
            await PublishAsync(client, 10, "frozen");
            await Eventually.TrueAsync(async () => await probe.CountAsync("outbox") == 10, "what is not confirmed stays in the outbox");
        }
        finally
        {
            broker.Thaw();
        }

        await HandledAsync(probe, "frozen", 20);
        await Eventually.TrueAsync(async () => await probe.CountAsync("outbox") == 0, "the outbox drains");
    }

    [Fact]
    public async Task The_trace_of_the_request_goes_on_in_the_handler()
    {
        await using var probe = await StartAsync();
        var traces = new System.Collections.Concurrent.ConcurrentBag<string>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Mneme.Messaging",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = activity => traces.Add(activity.TraceId.ToString()),
        };
        ActivitySource.AddActivityListener(listener);
        var trace = ActivityTraceId.CreateRandom().ToString();
        using var client = probe.App.ClientOf(Guid.NewGuid());
        client.DefaultRequestHeaders.Add("traceparent", $"00-{trace}-{ActivitySpanId.CreateRandom()}-01");

        await PublishAsync(client, 1, "traced");

        await HandledAsync(probe, "traced", 1);
        await Eventually.TrueAsync(() => Task.FromResult(traces.Contains(trace)), "a span of the handler belongs to the request's trace");
    }

    [Fact]
    public async Task Events_that_come_as_one_message_have_their_effects_each()
    {
        await using var probe = await StartAsync();
        await ListeningAsync(probe);
        var events = Enumerable.Range(0, 5).Select(_ => EventEnvelope.Of(new ProbeHappened(Guid.NewGuid(), "together"), "probe", probe.App.Clock.GetUtcNow(), traceParent: null)).ToList();

        await broker.PublishRawAsync(_prefix, "probe-events", "probe.happened.v1", Encoding.UTF8.GetString(CloudEvents.WriteBatch([.. events, events[0]]).Span));

        await HandledAsync(probe, "together", 5);
        await Eventually.TrueAsync(async () => await StatAsync(probe, "handled") == 6, "the one that came twice is done with too");
    }

    [Fact]
    public async Task What_is_no_event_is_set_aside_and_holds_up_nobody()
    {
        await using var probe = await StartAsync();
        await ListeningAsync(probe);
        using var client = probe.App.ClientOf(Guid.NewGuid());
        await PublishAsync(client, 1, "before");
        await HandledAsync(probe, "before", 1);

        await broker.PublishRawAsync(_prefix, "probe-events", "probe.happened.v1", "{ this is not an event");
        await PublishAsync(client, 5, "after");

        await HandledAsync(probe, "after", 5);
        await Eventually.TrueAsync(async () => await StatAsync(probe, "setAside") == 1, "it is counted");
        (await broker.UnreadableAsync(_prefix)).ShouldHaveSingleItem().ShouldBe("{ this is not an event");
    }

    [Fact]
    public async Task Administrators_stop_and_start_the_listeners_and_events_wait_meanwhile()
    {
        await using var probe = await StartAsync();
        await ListeningAsync(probe);
        using var client = probe.App.ClientOf(Guid.NewGuid());
        (await client.GetAsync("integration-events/listener/status")).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await client.PostAsync("integration-events/listener/stop", null)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);

        (await SwitchAsync(probe, "stop")).GetProperty("state").GetString().ShouldBe("STOPPED");
        await PublishAsync(client, 5, "waiting");
        await Eventually.TrueAsync(async () => await probe.CountAsync("outbox") == 0, "they are with the broker");
        (await probe.EffectsAsync("waiting")).ShouldBe(0);

        (await SwitchAsync(probe, "start")).GetProperty("consumer").GetString().ShouldBe("probe");
        await HandledAsync(probe, "waiting", 5);
        await ListeningAsync(probe);
    }

    [Fact]
    public async Task Events_are_held_while_the_database_is_away()
    {
        await using var postgres = new PostgresServer();
        await postgres.StartAsync();
        await using var probe = await StartAsync(postgres: postgres);
        await ListeningAsync(probe);
        var entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var goOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        probe.Control.BeforeEffect = async (_, ct) =>
        {
            entered.TrySetResult();
            await goOn.Task.WaitAsync(ct);
        };
        using (var client = probe.App.ClientOf(Guid.NewGuid()))
            await PublishAsync(client, 5, "held");
        await entered.Task;
        var redelivered = await StatAsync(probe, "redelivered");

        await postgres.RestartAsync();
        goOn.SetResult();

        await HandledAsync(probe, "held", 5);
        (await StatAsync(probe, "redelivered")).ShouldBe(redelivered, "they were not given back");
    }

    // Virtual for brokers that do not count deliveries.
    [Fact]
    public virtual async Task An_event_that_ends_whoever_handles_it_is_buried_and_those_beside_it_are_not()
    {
        await using var probe = await StartAsync(settings: ("Messaging:MaxDeliveries", "2"));
        await ListeningAsync(probe);
        var entered = new SemaphoreSlim(0);
        probe.Control.BeforeEffect = async (label, ct) =>
        {
            if (label != "deadly")
                return;
            entered.Release();
            await Task.Delay(Timeout.Infinite, ct);
        };
        await SwitchAsync(probe, "stop");
        using (var client = probe.App.ClientOf(Guid.NewGuid()))
        {
            await PublishAsync(client, 1, "deadly");
            await PublishAsync(client, 5, "beside");
        }

        await Eventually.TrueAsync(async () => await probe.CountAsync("outbox") == 0, "they are with the broker");
        // Being stopped is to the broker what dying is: what was delivered goes back.
        for (var life = 0; life < 2; life++)
        {
            await SwitchAsync(probe, "start");
            await entered.WaitAsync();
            await SwitchAsync(probe, "stop");
        }

        await SwitchAsync(probe, "start");
        await HandledAsync(probe, "beside", 5);
        using var admin = probe.App.Admin();
        await Eventually.TrueAsync(async () => (await DeadLettersAsync(admin)).Count == 1, "the deadly one is buried");
        (await DeadLettersAsync(admin)).ShouldHaveSingleItem().GetProperty("reason").GetString()!.ShouldStartWith("It was delivered 2 times and never acknowledged");
        (await probe.EffectsAsync("deadly")).ShouldBe(0);
    }

    protected async Task<ProbeApplication> StartAsync(TestClock? clock = null, PostgresServer? postgres = null, params (string Key, string Value)[] settings)
    {
        await broker.PrepareAsync(_prefix, ["probe-events", "user-events"]);
        return await ProbeApplication.StartAsync(
            postgres ?? shared.Postgres, _prefix, clock, [("Messaging:Prefix", _prefix), .. broker.Settings.Select(setting => (setting.Key, setting.Value!)), .. settings]);
    }

    /// <summary>Events about one person, in one transaction.</summary>
    protected static async Task PublishAsync(HttpClient client, int count, string label)
    {
        var response = await client.PostAsJsonAsync("probe/things", new { name = "thing", labels = Enumerable.Repeat(label, count) });
        response.StatusCode.ShouldBe(HttpStatusCode.Created);
    }

    /// <summary>Events about as many people, so that a broker which divides by person divides them.</summary>
    protected static async Task PublishForManyAsync(ProbeApplication probe, int count, string label) => await probe.App.PublishAsync(
        [.. Enumerable.Range(0, count).Select(_ => EventEnvelope.Of(new ProbeHappened(Guid.NewGuid(), label), "probe", probe.App.Clock.GetUtcNow(), traceParent: null))]);

    protected static async Task HandledAsync(ProbeApplication probe, string label, int count)
    {
        await Eventually.TrueAsync(async () => await probe.EffectsAsync(label) >= count, $"{count} events '{label}' are handled");
        (await probe.EffectsAsync(label)).ShouldBe(count);
    }

    protected static async Task ListeningAsync(ProbeApplication probe)
    {
        using var admin = probe.App.Admin();
        await Eventually.TrueAsync(async () => (await ListenerAsync(admin, "status")).GetProperty("state").GetString() == "LISTENING", "it listens");
    }

    protected static async Task<long> StatAsync(ProbeApplication probe, string name)
    {
        using var admin = probe.App.Admin();
        return (await ListenerAsync(admin, "stats")).GetProperty(name).GetInt64();
    }

    private static async Task<JsonElement> SwitchAsync(ProbeApplication probe, string act)
    {
        using var admin = probe.App.Admin();
        var response = await admin.PostAsync("integration-events/listener/" + act, null);
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        return (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("listeners").EnumerateArray().Single();
    }

    private static async Task<JsonElement> ListenerAsync(HttpClient admin, string what) =>
        (await admin.GetFromJsonAsync<JsonElement>("integration-events/listener/" + what)).GetProperty("listeners").EnumerateArray().Single();

    private static async Task<IReadOnlyList<JsonElement>> DeadLettersAsync(HttpClient admin) =>
        [.. (await admin.GetFromJsonAsync<JsonElement>("admin/dead-letters")).GetProperty("items").EnumerateArray()];
}
