using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Mneme.Platform.Aws.Client;

namespace Mneme.Platform.Aws.Alerts;

/// <summary>
/// Tells an SNS topic when events became dead letters: the first time at once, then at most once a minute for all that died meanwhile. It is only a notice, counted from the metric
/// <c>mneme.events.dead</c>: what it is about is kept in the consumers' databases.
/// </summary>
internal sealed partial class DeadLetterAlerts(AwsClient client, AwsOptions options, TimeProvider time, ILogger<DeadLetterAlerts> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, long> _dead = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _died = new(0);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument is { Name: "mneme.events.dead", Meter.Name: "Mneme.Messaging" })
                self.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((_, count, tags, _) => Count(tags, count));
        listener.Start();
        while (true)
        {
            await _died.WaitAsync(stoppingToken);
            await TellAsync(stoppingToken);
            await Task.Delay(Interval, time, stoppingToken);
        }
    }

    private void Count(ReadOnlySpan<KeyValuePair<string, object?>> tags, long count)
    {
        foreach (var (name, value) in tags)
        {
            if (name == "consumer" && value is string consumer)
                _dead.AddOrUpdate(consumer, count, (_, before) => before + count);
        }

        if (_died.CurrentCount == 0)
            _died.Release();
    }

    private async Task TellAsync(CancellationToken ct)
    {
        var counts = _dead.Keys.Select(consumer => (Consumer: consumer, Count: _dead.TryRemove(consumer, out var count) ? count : 0)).Where(dead => dead.Count > 0)
            .OrderBy(dead => dead.Consumer, StringComparer.Ordinal).ToList();
        if (counts.Count == 0)
            return;
        var call = AwsCall.Query(
            AwsService.Sns, "Publish", "2010-03-31",
            new("TopicArn", options.AlertTopic!),
            new("Subject", "Mneme: events became dead letters"),
            new("Message", string.Create(
                CultureInfo.InvariantCulture,
                $"On {Environment.MachineName} events could not be handled and became dead letters: {string.Join(", ", counts.Select(dead => $"{dead.Consumer} {dead.Count}"))}.\nLook at them with `mneme dead-letters list`, and redrive or discard them.")));
        try
        {
            await client.SendAsync(call, ct);
        }
        catch (AwsException e)
        {
            LogNotTold(e.Message);
            foreach (var (consumer, count) in counts)
                _dead.AddOrUpdate(consumer, count, (_, since) => since + count);
            _died.Release();
        }
    }

    public override void Dispose()
    {
        _died.Dispose();
        base.Dispose();
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The topic for alerts could not be told of dead letters; it is tried again: {Reason}")]
    private partial void LogNotTold(string reason);
}
