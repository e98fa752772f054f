using Mneme.Platform.Persistence;
using Npgsql;
using NpgsqlTypes;

namespace Mneme.Bench.Events;

/// <summary>The same statements on the same tables, by hand: what PostgreSQL allows without broker, envelopes, mapping, metrics and traces.</summary>
internal sealed class BarePipeline(DatabaseServer server) : IPipeline, IAsyncDisposable
{
    private const int Batch = 200;

    private readonly NpgsqlDataSource _emitter = NpgsqlDataSource.Create(server.ConnectionString(EmitterService.ServiceName));
    private readonly NpgsqlDataSource _tally = NpgsqlDataSource.Create(server.ConnectionString(TallyService.ServiceName));

    private long _produced;
    private long _handled;

    public long Produced => Interlocked.Read(ref _produced);

    public long Handled => Interlocked.Read(ref _handled);

    public async Task ProduceAsync(IReadOnlyList<int> rows, CancellationToken ct)
    {
        await using var connection = await _emitter.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        await using var batch = new NpgsqlBatch(connection, transaction);
        foreach (var row in rows)
        {
            var subject = Guid.NewGuid();
            batch.BatchCommands.Add(new("insert into outbox (id, type, topic, partition_key, occurred_at, trace_parent, data) values ($1, 'bench.ticked.v1', 'bench-events', $2, $3, null, $4)")
            {
                Parameters =
                {
                    new() { Value = Guid.CreateVersion7() }, new() { Value = subject }, new() { Value = DateTimeOffset.UtcNow },
                    new() { Value = $$"""{"subject":"{{subject}}","row":{{row}}}""" },
                },
            });
        }

        await batch.ExecuteNonQueryAsync(ct);
        await transaction.CommitAsync(ct);
        Interlocked.Add(ref _produced, rows.Count);
    }

    public Task WorkAsync(CancellationToken ct) => Task.Run(
        async () =>
        {
            while (!ct.IsCancellationRequested)
                Interlocked.Add(ref _handled, await RelayAsync(CancellationToken.None));
        },
        CancellationToken.None);

    /// <summary>Claims, has the effects, removes.</summary>
    /// <returns>How many events.</returns>
    private async Task<int> RelayAsync(CancellationToken ct)
    {
        await using var connection = await _emitter.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        var (sequence, ids, rows) = (new List<long>(), new List<Guid>(), new List<int>());
        await using (var claim = new NpgsqlCommand($"select seq, id, data::jsonb ->> 'row' from outbox order by seq limit {Batch} for update skip locked", connection, transaction))
        await using (var reader = await claim.ExecuteReaderAsync(ct))
        {
            while (await reader.ReadAsync(ct))
            {
                sequence.Add(reader.GetInt64(0));
                ids.Add(reader.GetGuid(1));
                rows.Add(int.Parse(reader.GetString(2), System.Globalization.CultureInfo.InvariantCulture));
            }
        }

        if (ids.Count == 0)
            return 0;
        await EffectAsync(ids, rows, ct);
        await using var delete = new NpgsqlCommand("delete from outbox where seq = any($1)", connection, transaction)
        {
            Parameters = { new() { Value = sequence.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bigint } },
        };
        await delete.ExecuteNonQueryAsync(ct);
        await transaction.CommitAsync(ct);
        return ids.Count;
    }

    private async Task EffectAsync(List<Guid> ids, List<int> rows, CancellationToken ct)
    {
        await using var connection = await _tally.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        await using var batch = new NpgsqlBatch(connection, transaction)
        {
            BatchCommands =
            {
                new($"insert into inbox (event_id, consumer) select id, '{TallyService.ServiceName}' from unnest($1) as e (id) order by id on conflict do nothing") { Parameters = { new() { Value = ids.ToArray() } } },
                new(TallyService.CountSql) { Parameters = { new() { Value = rows.ToArray() } } },
            },
        };
        await batch.ExecuteNonQueryAsync(ct);
        await transaction.CommitAsync(ct);
    }

    public async ValueTask DisposeAsync()
    {
        await _emitter.DisposeAsync();
        await _tally.DisposeAsync();
    }
}
