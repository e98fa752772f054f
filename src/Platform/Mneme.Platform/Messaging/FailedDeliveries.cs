using Npgsql;

namespace Mneme.Platform.Messaging;

/// <summary>A delivery that failed at least once, or a dead letter.</summary>
/// <param name="Consumer">The service that could not handle it.</param>
/// <param name="Envelope">The event.</param>
/// <param name="Attempts">How often it was tried.</param>
/// <param name="Reason">What the last attempt failed with.</param>
/// <param name="FirstFailedAt">When it failed first.</param>
/// <param name="DeadAt">When it became a dead letter; null while it is still retried.</param>
public sealed record FailedDelivery(string Consumer, EventEnvelope Envelope, int Attempts, string Reason, DateTimeOffset FirstFailedAt, DateTimeOffset? DeadAt);

/// <summary>The store of failed deliveries and dead letters in a consumer's database. Attempts are counted here, whatever the transport is.</summary>
public static class FailedDeliveries
{
    private const string Columns = "consumer, cloud_event, attempts, reason, first_failed_at, dead_at";

    internal static async Task<FailedDelivery?> ClaimNextDueAsync(NpgsqlConnection connection, string consumer, DateTimeOffset now, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(
            $"select {Columns} from failed_deliveries where dead_at is null and next_attempt_at <= $1 and consumer = $2 order by next_attempt_at limit 1 for update skip locked",
            connection)
        { Parameters = { new() { Value = now }, new() { Value = consumer } } };
        return (await ReadAsync(command, ct)).FirstOrDefault();
    }

    internal static async Task StoreAsync(
        NpgsqlConnection connection, EventEnvelope envelope, string consumer, int attempts, string reason, DateTimeOffset now, DateTimeOffset nextAttemptAt,
        bool isDead, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand("""
            insert into failed_deliveries (event_id, consumer, cloud_event, type, attempts, reason, first_failed_at, next_attempt_at, dead_at)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
            on conflict (event_id, consumer) do update
            set attempts = greatest(failed_deliveries.attempts, excluded.attempts), reason = excluded.reason,
                next_attempt_at = excluded.next_attempt_at, dead_at = coalesce(excluded.dead_at, failed_deliveries.dead_at)
            """, connection)
        {
            Parameters =
            {
                new() { Value = envelope.Id }, new() { Value = consumer }, new() { Value = CloudEvents.Write(envelope) }, new() { Value = envelope.Type },
                new() { Value = attempts }, new() { Value = reason.Replace("\0", "", StringComparison.Ordinal) }, new() { Value = now },
                new() { Value = nextAttemptAt }, new() { Value = isDead ? now : DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.TimestampTz },
            },
        };
        await command.ExecuteNonQueryAsync(ct);
    }

    internal static async Task RemoveAsync(NpgsqlConnection connection, Guid eventId, string consumer, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand("delete from failed_deliveries where event_id = $1 and consumer = $2", connection)
        {
            Parameters = { new() { Value = eventId }, new() { Value = consumer } },
        };
        await command.ExecuteNonQueryAsync(ct);
    }

    /// <summary>Dead letters, oldest first.</summary>
    /// <param name="database">The consumer's database.</param>
    /// <param name="after">The last dead letter of the previous page.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="ct">Cancels the query.</param>
    public static async Task<List<FailedDelivery>> ListDeadAsync(NpgsqlDataSource database, (DateTimeOffset DeadAt, Guid Id)? after, int limit, CancellationToken ct)
    {
        await using var command = database.CreateCommand(
            $"select {Columns} from failed_deliveries where dead_at is not null and (dead_at, event_id) > ($1, $2) order by dead_at, event_id limit $3");
        command.Parameters.Add(new() { Value = after?.DeadAt ?? DateTimeOffset.UnixEpoch });
        command.Parameters.Add(new() { Value = after?.Id ?? Guid.Empty });
        command.Parameters.Add(new() { Value = limit });
        return await ReadAsync(command, ct);
    }

    public static async Task<FailedDelivery?> FindDeadAsync(NpgsqlDataSource database, Guid eventId, CancellationToken ct)
    {
        await using var command = database.CreateCommand($"select {Columns} from failed_deliveries where dead_at is not null and event_id = $1");
        command.Parameters.Add(new() { Value = eventId });
        return (await ReadAsync(command, ct)).FirstOrDefault();
    }

    /// <summary>Makes a dead letter due again, with all its attempts. False if there is none (any more).</summary>
    public static async Task<bool> RedriveAsync(NpgsqlDataSource database, Guid eventId, DateTimeOffset now, CancellationToken ct)
    {
        await using var command = database.CreateCommand(
            "update failed_deliveries set dead_at = null, attempts = 0, next_attempt_at = $2 where event_id = $1 and dead_at is not null");
        command.Parameters.Add(new() { Value = eventId });
        command.Parameters.Add(new() { Value = now });
        return await command.ExecuteNonQueryAsync(ct) > 0;
    }

    /// <summary>Removes a dead letter for good. False if there is none (any more).</summary>
    public static async Task<bool> DiscardAsync(NpgsqlDataSource database, Guid eventId, CancellationToken ct)
    {
        await using var command = database.CreateCommand("delete from failed_deliveries where event_id = $1 and dead_at is not null");
        command.Parameters.Add(new() { Value = eventId });
        return await command.ExecuteNonQueryAsync(ct) > 0;
    }

    private static async Task<List<FailedDelivery>> ReadAsync(NpgsqlCommand command, CancellationToken ct)
    {
        await using var reader = await command.ExecuteReaderAsync(ct);
        var deliveries = new List<FailedDelivery>();
        while (await reader.ReadAsync(ct))
        {
            deliveries.Add(new FailedDelivery(
                reader.GetString(0), CloudEvents.Read(reader.GetString(1)), reader.GetInt32(2), reader.GetString(3), reader.GetFieldValue<DateTimeOffset>(4),
                reader.IsDBNull(5) ? null : reader.GetFieldValue<DateTimeOffset>(5)));
        }

        return deliveries;
    }
}
