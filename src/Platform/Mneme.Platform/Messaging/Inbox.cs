using Npgsql;
using NpgsqlTypes;

namespace Mneme.Platform.Messaging;

/// <summary>
/// Claims deliveries by inserting on the primary key (event id, consumer), in the transaction of their effects. What is claimed beside an erasure would not see
/// its tombstone and would bring the person back, so claiming and erasing exclude each other until the end of their transactions.
/// </summary>
internal static class Inbox
{
    // A statement of its own: the claim's snapshot must be younger than the lock.
    private const string ShareSql = "select pg_advisory_xact_lock_shared(hashtextextended($1, 2))";

    private const string ExcludeSql = "select pg_advisory_xact_lock(hashtextextended($1, 2))";

    // Sorted, so that two instances that claim overlapping batches lock in the same order and wait instead of deadlocking.
    private const string ClaimSql = """
        insert into inbox (event_id, consumer)
        select e.id, $1 from unnest($2, $3) as e (id, key)
        where not exists (select from erased where erased.id = e.key)
        order by e.id
        on conflict do nothing
        returning event_id
        """;

    /// <summary>Waits until nobody else handles events of this consumer, and keeps them waiting until the transaction ends.</summary>
    public static async Task LockForErasureAsync(NpgsqlConnection connection, string consumer, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(ExcludeSql, connection) { Parameters = { new() { Value = consumer } } };
        await command.ExecuteNonQueryAsync(ct);
    }

    /// <summary>Whether the consumer has handled the event.</summary>
    public static async Task<bool> ContainsAsync(NpgsqlConnection connection, string consumer, Guid eventId, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand("select exists (select from inbox where event_id = $1 and consumer = $2)", connection)
        {
            Parameters = { new() { Value = eventId }, new() { Value = consumer } },
        };
        return (bool)(await command.ExecuteScalarAsync(ct))!;
    }

    /// <returns>Ids of the events that nobody has handled before and that are not about somebody who was erased.</returns>
    public static async Task<HashSet<Guid>> ClaimAsync(NpgsqlConnection connection, string consumer, IReadOnlyList<EventEnvelope> envelopes, CancellationToken ct)
    {
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new(ShareSql) { Parameters = { new() { Value = consumer } } },
                new(ClaimSql)
                {
                    Parameters =
                    {
                        new() { Value = consumer },
                        new() { Value = envelopes.Select(e => e.Id).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Uuid },
                        new() { Value = envelopes.Select(e => e.PartitionKey).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Uuid },
                    },
                },
            },
        };
        await using var reader = await batch.ExecuteReaderAsync(ct);
        await reader.NextResultAsync(ct);
        var claimed = new HashSet<Guid>(envelopes.Count);
        while (await reader.ReadAsync(ct))
            claimed.Add(reader.GetGuid(0));
        return claimed;
    }
}
