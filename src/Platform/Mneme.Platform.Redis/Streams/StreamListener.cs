using Microsoft.Extensions.Logging;
using Mneme.Platform.Messaging;
using Mneme.Platform.Redis.Resp;

namespace Mneme.Platform.Redis.Streams;

/// <summary>Reads a consumer's streams as a member of its group. What is in hand is shown to be so again and again, so that only what a dead instance held is taken over.</summary>
internal sealed class StreamListener(
    EventConsumer consumer, RedisConnector connector, StreamTopology topology, RedisOptions options, MessagingOptions messaging, TimeProvider time, ILogger<StreamListener> logger)
    : EventListener(consumer, messaging, time, logger)
{
    private static readonly TimeSpan LongestRound = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LeaveTimeout = TimeSpan.FromSeconds(2);

    private readonly TimeProvider _time = time;

    // New with each process, or a restart could not tell what is in its hands from what its predecessor left.
    private readonly string _member = $"{Environment.MachineName}-{Environment.ProcessId}-{Guid.NewGuid():n}";
    private ConsumerGroup? _group;

    /// <summary>How often it looks for what others left, and shows that it lives.</summary>
    private TimeSpan Round => options.ClaimAfter / 3 < LongestRound ? options.ClaimAfter / 3 : LongestRound;

    protected override async Task ListenAsync(CancellationToken ct)
    {
        await using var reader = await connector.ConnectAsync($"reader-{Consumer}", ct);
        await using var server = await connector.ConnectAsync($"listener-{Consumer}", ct);
        await topology.DeclareAsync(server, ct);
        _group = new ConsumerGroup(reader, server, topology, Consumer, _member);
        Connected();
        try
        {
            await ReceiveAsync(_group, ct);
        }
        finally
        {
            await LeaveAsync(_group, server);
        }
    }

    private async Task ReceiveAsync(ConsumerGroup group, CancellationToken ct)
    {
        // What an earlier connection of this instance was given: nobody has it in hand any more.
        await ClaimAllAsync(group, TimeSpan.Zero, isOwn: true, ct);
        long? roundAt = null;
        while (true)
        {
            if (roundAt is null || _time.GetElapsedTime(roundAt.Value) >= Round)
            {
                await ClaimAllAsync(group, options.ClaimAfter, isOwn: false, ct);
                await group.CleanUpAsync(ct);
                roundAt = _time.GetTimestamp();
            }

            var entries = await group.ReadAsync(Options.BatchSize, Round, ct);
            Connected();
            await HandleHeldAsync(group, entries, ct);
        }
    }

    private async Task ClaimAllAsync(ConsumerGroup group, TimeSpan idle, bool isOwn, CancellationToken ct)
    {
        while (await group.ClaimAsync(idle, isOwn, Options.BatchSize, ct) is { Count: > 0 } claimed)
            await HandleHeldAsync(group, claimed, ct);
    }

    /// <summary>Handles entries, however long it takes, and shows meanwhile that they are being handled.</summary>
    private async Task HandleHeldAsync(ConsumerGroup group, IReadOnlyList<StreamEntry> entries, CancellationToken ct)
    {
        if (entries.Count == 0)
            return;
        using var done = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var holding = HoldAsync(group, done.Token);
        try
        {
            foreach (var batch in entries.Chunk(Options.BatchSize))
                await HandleAsync(batch, ct);
        }
        finally
        {
            await done.CancelAsync();
            await holding.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task HoldAsync(ConsumerGroup group, CancellationToken ct)
    {
        while (true)
        {
            await Task.Delay(Round, _time, ct);
            try
            {
                await group.HoldAsync(ct);
                Connected();
            }
            catch (RedisException)
            {
                // Whether the connection is lost shows when the batch is acknowledged; if it is not, the next time counts.
            }
        }
    }

    private async Task LeaveAsync(ConsumerGroup group, RedisServer server)
    {
        if (!server.IsOpen)
            return;
        // Without it the others take over after some time; a frozen server is not waited for.
        using var limit = new CancellationTokenSource(LeaveTimeout, _time);
        await group.LeaveAsync(limit.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    protected override Task AcknowledgeAsync(IReadOnlyList<Delivery> deliveries, CancellationToken ct) => _group!.AcknowledgeAsync(deliveries.Cast<StreamEntry>(), ct);

    protected override Task SetAsideAsync(Delivery delivery, string reason, CancellationToken ct) => _group!.SetAsideAsync((StreamEntry)delivery, reason, ct);
}
