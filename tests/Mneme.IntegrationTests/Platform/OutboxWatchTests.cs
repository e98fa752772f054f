using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging.Abstractions;
using Mneme.IntegrationTests.Platform.Probe;
using Mneme.IntegrationTests.Support;
using Mneme.Platform.Hosting;
using Mneme.Platform.Messaging;

namespace Mneme.IntegrationTests.Platform;

/// <summary>How much waits in an outbox, and since when, while a broker does not confirm.</summary>
public sealed class OutboxWatchTests(SharedApplication shared)
{
    [Fact]
    public async Task What_waits_for_the_broker_is_counted_and_shown_until_it_is_gone()
    {
        var broker = new HeldTransport();
        await using var app = await TestApplication.StartAsync(shared.Postgres, customize: broker.Hold, services: [new ProbeService(new ProbeControl())]);
        using var watch = Watch(app);
        (await watch.MeasureAsync(CancellationToken.None)).ShouldBe(default(OutboxBacklog));

        await InsertAsync(app, 4_000, age: TimeSpan.FromSeconds(90));
        await InsertAsync(app, 321, age: TimeSpan.FromSeconds(5));
        var backlog = await watch.MeasureAsync(CancellationToken.None);
        backlog.Events.ShouldBe(4_321);
        backlog.Age.ShouldBeInRange(TimeSpan.FromSeconds(90), TimeSpan.FromSeconds(150));

        using var management = new HttpClient { BaseAddress = app.Services.GetRequiredService<ManagementListener>().Address };
        // Other tests of this run have services of the same name, whose figures are shown in between.
        await ShownAsync(management, "mneme_outbox_length", value => value == 4_321);
        await ShownAsync(management, "mneme_outbox_age_seconds", value => value is >= 90 and < 150);

        broker.Release();
        await Eventually.TrueAsync(async () => (await watch.MeasureAsync(CancellationToken.None)).Events == 0, "everything is relayed");
    }

    [Fact]
    public async Task Little_is_counted_exactly_and_much_by_its_first_and_last_number()
    {
        var broker = new HeldTransport();
        await using var app = await TestApplication.StartAsync(shared.Postgres, customize: broker.Hold, services: [new ProbeService(new ProbeControl())]);
        using var watch = Watch(app);
        await InsertAsync(app, 5, TimeSpan.Zero);
        // Numbers that were drawn and given back.
        await app.QueryAsync<long>("probe", "select setval(pg_get_serial_sequence('outbox', 'seq'), 1000)");
        await InsertAsync(app, 1, TimeSpan.Zero);
        (await watch.MeasureAsync(CancellationToken.None)).Events.ShouldBe(6);

        await InsertAsync(app, OutboxWatch.Exact - 6, TimeSpan.Zero);
        (await watch.MeasureAsync(CancellationToken.None)).Events.ShouldBe(OutboxWatch.Exact);
        await InsertAsync(app, 20_000, TimeSpan.Zero);
        // With the gap of 995.
        (await watch.MeasureAsync(CancellationToken.None)).Events.ShouldBe(OutboxWatch.Exact + 20_000 + 995);
    }

    private static OutboxWatch Watch(TestApplication app) =>
        new("probe", app.Database("probe"), new Signal(), app.Clock, new MessagingOptions(), NullLogger<OutboxWatch>.Instance);

    private static Task ShownAsync(HttpClient management, string metric, Func<double, bool> isMeant) => Eventually.TrueAsync(
        async () =>
        {
            var line = $"{metric}{{service=\"probe\"}} ";
            var shown = (await management.GetStringAsync("/metrics")).Split('\n').SingleOrDefault(text => text.StartsWith(line, StringComparison.Ordinal));
            return shown is not null && isMeant(double.Parse(shown[line.Length..], CultureInfo.InvariantCulture));
        },
        $"{metric} shows what waits");

    private static async Task InsertAsync(TestApplication app, int count, TimeSpan age)
    {
        await using var command = app.Database("probe").CreateCommand(
            """
            insert into outbox (id, type, topic, partition_key, occurred_at, data)
            select gen_random_uuid(), 'probe.happened.v1', 'probe-events', gen_random_uuid(), $2, '{"subject":"00000000-0000-0000-0000-000000000001","label":"waiting"}' from generate_series(1, $1)
            """);
        command.Parameters.Add(new() { Value = count });
        command.Parameters.Add(new() { Value = app.Clock.GetUtcNow() - age });
        (await command.ExecuteNonQueryAsync()).ShouldBe(count);
    }

    /// <summary>A broker that takes events and does not confirm them until it is released.</summary>
    private sealed class HeldTransport : IEventTransport
    {
        private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Hold(WebApplicationBuilder builder) => builder.Services.Replace(ServiceDescriptor.Singleton<IEventTransport>(this));

        public void Release() => _released.SetResult();

        public Task PublishAsync(IReadOnlyList<EventEnvelope> envelopes, CancellationToken ct) => _released.Task.WaitAsync(ct);
    }
}
