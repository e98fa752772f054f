using System.Collections.Concurrent;
using System.Globalization;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Mneme.Platform.Aws.Client;
using Mneme.Platform.Messaging;

namespace Mneme.Platform.Aws.Events;

/// <summary>
/// Takes a consumer's events from its queue by long polls. What was taken is kept from others for as long as it is in hand, by extending its visibility timeout; what is not finished when it
/// stops is given back.
/// </summary>
internal sealed partial class SqsListener(
    EventConsumer consumer, SqsClient sqs, AwsTopology topology, AwsNames names, AwsOptions options, MessagingOptions messaging, TimeProvider time, ILogger<SqsListener> logger)
    : EventListener(consumer, messaging, time, logger)
{
    private static readonly TimeSpan ReleaseTimeout = TimeSpan.FromSeconds(2);

    private readonly TimeProvider _time = time;
    private readonly ConcurrentDictionary<string, bool> _held = new(StringComparer.Ordinal);
    private string _url = "";

    private sealed class SqsDelivery(ReceivedMessage message) : Delivery(message.Body, Deliveries(message) - 1)
    {
        public string Receipt { get; } = message.ReceiptHandle;

        private static int Deliveries(ReceivedMessage message) =>
            message.Attributes?.GetValueOrDefault("ApproximateReceiveCount") is { } count ? int.Parse(count, CultureInfo.InvariantCulture) : 1;
    }

    protected override async Task ListenAsync(CancellationToken ct)
    {
        try
        {
            await topology.EnsureAsync(ct);
            _url = await topology.UrlAsync(names.Queue(Consumer), ct);
            await ReceiveAsync(ct);
        }
        catch (AwsException e) when (e.Code is "QueueDoesNotExist" or "AWS.SimpleQueueService.NonExistentQueue")
        {
            topology.Forget();
            throw;
        }
    }

    private async Task ReceiveAsync(CancellationToken ct)
    {
        var arrived = Channel.CreateBounded<SqsDelivery>(new BoundedChannelOptions(Options.BatchSize) { SingleReader = true });
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var polling = Enumerable.Range(0, options.Pollers).Select(_ => PollAsync(arrived.Writer, stopping.Token)).ToList();
        var holding = HoldAsync(stopping.Token);
        Connected();
        try
        {
            await HandleArrivingAsync(arrived.Reader, ct);
        }
        finally
        {
            await stopping.CancelAsync();
            foreach (var task in polling.Append(holding))
                await task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await ReleaseAsync();
        }
    }

    private async Task PollAsync(ChannelWriter<SqsDelivery> arrived, CancellationToken ct)
    {
        try
        {
            while (true)
            {
                var messages = await sqs.ReceiveAsync(_url, options.VisibilityTimeout, options.WaitTime, ct);
                Connected();
                foreach (var message in messages)
                    _held[message.ReceiptHandle] = true;
                foreach (var message in messages)
                    await arrived.WriteAsync(new SqsDelivery(message), ct);
            }
        }
        catch (Exception e)
        {
            // The listener finishes what has arrived, and then connects again.
            arrived.TryComplete(e);
        }
    }

    /// <summary>Shows SQS again and again that what was taken is still in hand, however long the database is away.</summary>
    private async Task HoldAsync(CancellationToken ct)
    {
        while (true)
        {
            await Task.Delay(options.VisibilityTimeout / 3, _time, ct);
            try
            {
                await ForEachBatchAsync([.. _held.Keys], (batch, ct) => sqs.ChangeVisibilityAsync(_url, batch, options.VisibilityTimeout, ct), ct);
            }
            catch (AwsException e)
            {
                // Two more attempts come before SQS gives it to another; and then the inbox knows it.
                LogNotExtended(Consumer, e.Message);
            }
        }
    }

    private async Task ReleaseAsync()
    {
        // Without it the others get them after some time; a queue that does not answer is not waited for.
        using var limit = new CancellationTokenSource(ReleaseTimeout, _time);
        await ForEachBatchAsync([.. _held.Keys], (batch, ct) => sqs.ChangeVisibilityAsync(_url, batch, TimeSpan.Zero, ct), limit.Token)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _held.Clear();
    }

    protected override Task AcknowledgeAsync(IReadOnlyList<Delivery> deliveries, CancellationToken ct) =>
        ForEachBatchAsync([.. deliveries.Select(delivery => ((SqsDelivery)delivery).Receipt)], DeleteAsync, ct);

    private async Task DeleteAsync(IReadOnlyList<string> receipts, CancellationToken ct)
    {
        for (var attempt = 1; ; attempt++)
        {
            var failures = await sqs.DeleteAsync(_url, receipts, ct);
            var again = failures.Where(failure => !failure.SenderFault).Select(failure => receipts[int.Parse(failure.Id, CultureInfo.InvariantCulture)]).ToList();
            if (again.Count == 0 || attempt == options.MaxAttempts)
            {
                // Those that remain come again, and the inbox drops them.
                if (failures.Count > 0)
                    LogNotDeleted(Consumer, failures.Count, failures[0].Code, failures[0].Message);
                break;
            }

            foreach (var receipt in receipts.Except(again, StringComparer.Ordinal))
                _held.TryRemove(receipt, out _);
            receipts = again;
            await Task.Delay(AwsClient.Pause(attempt), _time, ct);
        }

        foreach (var receipt in receipts)
            _held.TryRemove(receipt, out _);
    }

    protected override async Task SetAsideAsync(Delivery delivery, string reason, CancellationToken ct) => await sqs.SendAsync(
        await topology.UrlAsync(names.Unreadable, ct), delivery.Body, group: null, new Dictionary<string, string>(StringComparer.Ordinal) { ["consumer"] = Consumer, ["reason"] = reason }, ct);

    private static Task ForEachBatchAsync(IReadOnlyList<string> receipts, Func<IReadOnlyList<string>, CancellationToken, Task> act, CancellationToken ct) =>
        Task.WhenAll(receipts.Chunk(SqsClient.MaxBatch).Select(batch => act(batch, ct)));

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Consumer} could not show SQS that it still works on its events: {Reason}")]
    private partial void LogNotExtended(string consumer, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Consumer} could not delete {Count} events that it is done with ({Code}: {Reason}); they will come again and be dropped")]
    private partial void LogNotDeleted(string consumer, int count, string code, string? reason);
}
