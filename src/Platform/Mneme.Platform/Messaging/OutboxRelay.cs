using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Mneme.Platform.Services;
using Npgsql;
using NpgsqlTypes;

namespace Mneme.Platform.Messaging;

/// <summary>
/// Moves events from one service's outbox to the transport. Rows are claimed with <c>for update skip locked</c>, so several instances share the
/// work, and deleted in the same transaction only after the transport confirmed them: a crash at any point repeats a delivery and never loses one.
/// </summary>
internal sealed class OutboxRelay(
    string service, NpgsqlDataSource database, IEventTransport transport, ServiceSignals signals, MessagingOptions options, ILogger<OutboxRelay> logger)
    : BackgroundLoop($"The relay of {service}", signals.Outbox, options.PollInterval, logger)
{
    private long _lastBatchAt;
    private bool _lastBatchWasFull;

    protected override async Task<bool> WorkAsync(CancellationToken ct)
    {
        // Under load, gathering for some milliseconds halves the cost of an event; after a pause the first one goes at once, and a backlog need not gather.
        if (!_lastBatchWasFull && Stopwatch.GetElapsedTime(_lastBatchAt) < options.Linger * 4)
            await Task.Delay(options.Linger, ct);
        var count = await RelayBatchAsync(ct);
        if (count > 0)
            _lastBatchAt = Stopwatch.GetTimestamp();
        return _lastBatchWasFull = count == options.BatchSize;
    }

    private async Task<int> RelayBatchAsync(CancellationToken ct)
    {
        await using var connection = await database.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        var envelopes = new List<EventEnvelope>();
        var rows = new List<long>();
        // While the consumers work this transaction is idle, and a batch that is handled one by one may take longer than the usual limit allows.
        await using (var claim = new NpgsqlBatch(connection, transaction)
        {
            BatchCommands =
            {
                new("set local idle_in_transaction_session_timeout = '5min'"),
                new("select seq, id, type, topic, partition_key, occurred_at, trace_parent, data from outbox order by seq limit $1 for update skip locked")
                {
                    Parameters = { new() { Value = options.BatchSize } },
                },
            },
        })
        await using (var reader = await claim.ExecuteReaderAsync(ct))
        {
            while (await reader.ReadAsync(ct))
            {
                rows.Add(reader.GetInt64(0));
                envelopes.Add(new EventEnvelope(
                    reader.GetGuid(1), reader.GetString(2), reader.GetString(3), service, reader.GetGuid(4), reader.GetFieldValue<DateTimeOffset>(5),
                    reader.IsDBNull(6) ? null : reader.GetString(6), reader.GetString(7)));
            }
        }

        if (rows.Count == 0)
            return 0;
        await PublishAsync(envelopes, ct);
        await using var delete = new NpgsqlCommand("delete from outbox where seq = any($1)", connection, transaction)
        {
            Parameters = { new() { Value = rows.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bigint } },
        };
        await delete.ExecuteNonQueryAsync(CancellationToken.None);
        await transaction.CommitAsync(CancellationToken.None);
        MessagingMetrics.Relayed(service, rows.Count);
        return rows.Count;
    }

    /// <summary>Events of recorded traces are published by a span of their own, which their handlers then continue.</summary>
    private async Task PublishAsync(List<EventEnvelope> envelopes, CancellationToken ct)
    {
        var spans = new List<Activity>();
        for (var i = 0; i < envelopes.Count; i++)
        {
            if (MessagingMetrics.StartPublishing(envelopes[i]) is not { } span)
                continue;
            spans.Add(span);
            envelopes[i] = envelopes[i] with { TraceParent = span.Id };
            // None of them is what the others, or a batch of them, are handled within.
            Activity.Current = null;
        }

        try
        {
            await transport.PublishAsync(envelopes, ct);
        }
        catch (Exception e)
        {
            spans.ForEach(span => span.SetStatus(ActivityStatusCode.Error, e.GetType().Name));
            throw;
        }
        finally
        {
            spans.ForEach(span => span.Dispose());
        }
    }
}
