using Mneme.IntegrationTests.Platform.Probe;
using Mneme.IntegrationTests.Support;

namespace Mneme.IntegrationTests.Brokers;

public sealed class KafkaTests(KafkaCluster broker, SharedApplication shared) : TransportConformance<KafkaCluster>(broker, shared)
{
    [Fact]
    public async Task Members_join_and_leave_under_load_and_nothing_is_lost_or_repeated()
    {
        await using var first = await StartAsync();
        using var enough = new CancellationTokenSource();
        var published = 0;
        var load = Task.Run(async () =>
        {
            while (!enough.IsCancellationRequested)
            {
                await PublishForManyAsync(first, 20, "rebalanced");
                published += 20;
            }
        });

        await using (var second = await StartAsync(first.App.Clock))
        {
            await HandlesAsync(second);
            await using (var third = await StartAsync(first.App.Clock))
                await HandlesAsync(third);
            var before = await StatAsync(second, "handled");
            await Eventually.TrueAsync(async () => await StatAsync(second, "handled") > before, "the second goes on when the third has left");
        }

        var alone = await StatAsync(first, "handled");
        await Eventually.TrueAsync(async () => await StatAsync(first, "handled") > alone, "the first goes on when both have left");
        await enough.CancelAsync();
        await load;
        await HandledAsync(first, "rebalanced", published);
        (await first.CountAsync("failed_deliveries")).ShouldBe(0);
    }

    // Kafka counts no deliveries, so that nothing tells the deadly event from the others (docs/transports/kafka.md): it comes again, and is never lost.
    public override async Task An_event_that_ends_whoever_handles_it_is_buried_and_those_beside_it_are_not()
    {
        var clock = new TestClock();
        await using (var first = await StartAsync(clock))
        {
            await ListeningAsync(first);
            var entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            first.Control.BeforeEffect = (_, ct) =>
            {
                entered.TrySetResult();
                return Task.Delay(Timeout.Infinite, ct);
            };
            await PublishForManyAsync(first, 1, "deadly");
            await entered.Task;
        }

        await using var second = await StartAsync(clock);
        await HandledAsync(second, "deadly", 1);
        await PublishForManyAsync(second, 20, "beside");
        await HandledAsync(second, "beside", 20);
    }

    private static Task HandlesAsync(ProbeApplication probe) => Eventually.TrueAsync(async () => await StatAsync(probe, "handled") > 0, "the new member handles events");
}
