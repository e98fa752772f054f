using Npgsql;
using NpgsqlTypes;

namespace Mneme.Platform.Messaging;

/// <summary>Claims deliveries by inserting on the primary key (event id, consumer), in the transaction of their effects.</summary>
internal static class Inbox
{
    // Sorted, so that two instances that claim overlapping batches lock in the same order and wait instead of deadlocking.
    private const string ClaimSql = """
        insert into inbox (event_id, consumer)
        select e.id, $1 from unnest($2, $3) as e (id, key)
        where not exists (select from erased where erased.id = e.key)
        order by e.id
        on conflict do nothing
        returning event_id
        """;

    /// <returns>Ids of the events that nobody has handled before and that are not about somebody who was erased.</returns>
    public static async Task<HashSet<Guid>> ClaimAsync(NpgsqlConnection connection, string consumer, IReadOnlyList<EventEnvelope> envelopes, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(ClaimSql, connection)
        {
            Parameters =
            {
                new() { Value = consumer },
                new() { Value = envelopes.Select(e => e.Id).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Uuid },
                new() { Value = envelopes.Select(e => e.PartitionKey).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Uuid },
            },
        };
        await using var reader = await command.ExecuteReaderAsync(ct);
        var claimed = new HashSet<Guid>(envelopes.Count);
        while (await reader.ReadAsync(ct))
            claimed.Add(reader.GetGuid(0));
        return claimed;
    }
}
