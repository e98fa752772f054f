using System.Text;
using Microsoft.Extensions.Logging;
using Mneme.Platform.Aws.Client;
using Mneme.Platform.Messaging;

namespace Mneme.Platform.Aws.Events;

/// <summary>
/// Puts events on the bus, in requests of ten. EventBridge may take some of a request and refuse others: only those are offered again. An event that is too large for the bus goes
/// to its consumers' queues directly, which take four times as much.
/// </summary>
internal sealed partial class EventBridgeTransport(
    EventBridgeClient bridge, SqsClient sqs, AwsTopology topology, AwsNames names, EventRoutes routes, AwsOptions options, TimeProvider time, ILogger<EventBridgeTransport> logger)
    : IEventTransport
{
    private const int Parallelism = 8;

    public async Task PublishAsync(IReadOnlyList<EventEnvelope> envelopes, CancellationToken ct)
    {
        using var limit = new CancellationTokenSource(options.PublishTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, limit.Token);
        try
        {
            await topology.EnsureAsync(either.Token);
            var entries = envelopes.Select(envelope => EventEntry.Of(envelope, names)).ToList();
            await Parallel.ForEachAsync(
                EventEntry.Batches(entries.Where(entry => entry.Size <= EventEntry.MaxSize)),
                new ParallelOptions { MaxDegreeOfParallelism = Parallelism, CancellationToken = either.Token },
                async (batch, ct) => await PutAsync(batch, ct));
            // After the others, which one that is refused is not to hold up.
            foreach (var entry in entries.Where(entry => entry.Size > EventEntry.MaxSize))
                await SendDirectlyAsync(entry, either.Token);
        }
        catch (OperationCanceledException e) when (!ct.IsCancellationRequested)
        {
            throw new TimeoutException($"EventBridge did not confirm {envelopes.Count} events within {options.PublishTimeout.TotalSeconds:0} s; they will be published again.", e);
        }
        catch (AwsException e) when (e.Code is "ResourceNotFoundException" or "QueueDoesNotExist")
        {
            topology.Forget();
            throw;
        }
    }

    private async Task PutAsync(IReadOnlyList<EventEntry> entries, CancellationToken ct)
    {
        for (var attempt = 1; ; attempt++)
        {
            var results = await bridge.PutEventsAsync(entries, ct);
            var refused = entries.Zip(results).Where(pair => pair.Second.ErrorCode is not null).ToList();
            if (refused.Count == 0)
                return;
            var final = refused.Find(pair => !AwsException.IsTransientCode(pair.Second.ErrorCode!)).Second;
            if (final is not null || attempt == options.MaxAttempts)
                throw EventBridgeClient.Refusal(final ?? refused[0].Second);
            LogRefused(refused.Count, entries.Count, refused[0].Second.ErrorCode!);
            entries = [.. refused.Select(pair => pair.First)];
            await Task.Delay(AwsClient.Pause(attempt), time, ct);
        }
    }

    private async Task SendDirectlyAsync(EventEntry entry, CancellationToken ct)
    {
        var size = Encoding.UTF8.GetByteCount(entry.Detail);
        if (size > EventEntry.MaxMessage)
        {
            throw new InvalidOperationException(
                $"An event {entry.DetailType} has {size} bytes, and SQS takes {EventEntry.MaxMessage}. It stays in the outbox, with all that is published after it, until it is removed there or another broker is chosen.");
        }

        foreach (var route in routes.Consumers.Where(route => route.Types.Any(type => type.Name == entry.DetailType)))
            await sqs.SendAsync(await topology.UrlAsync(names.Queue(route.Consumer), ct), entry.Detail, topology.Group(entry.DetailType), attributes: null, ct);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "EventBridge refused {Refused} of {Count} events with {Code}; they are offered again")]
    private partial void LogRefused(int refused, int count, string code);
}
