using System.Buffers.Binary;
using Mneme.Platform.Messaging;
using Mneme.Platform.Services;
using Npgsql;

namespace Mneme.Platform.Persistence;

/// <summary>Removes what the platform's tables need no longer, in small steps so that nothing waits for it.</summary>
internal static class Retention
{
    public const string JobKind = "platform.retention";

    public static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    private const int Step = 5_000;
    private static readonly TimeSpan IdempotencyKeys = TimeSpan.FromDays(2);
    private static readonly TimeSpan FailedJobs = TimeSpan.FromDays(90);

    public static async Task RunAsync(CurrentService current, Databases databases, MessagingOptions options, TimeProvider time, CancellationToken ct)
    {
        var database = databases.DataSource(current.Name);
        var now = time.GetUtcNow();
        // UUIDv7 sort by time, so a range of the primary key is a range of time.
        await DeleteAsync(database, "delete from inbox where (event_id, consumer) in (select event_id, consumer from inbox where event_id < $1 limit $2)", FirstIdAt(now - options.InboxRetention), ct);
        await DeleteAsync(database, "delete from idempotency_keys where (user_id, key) in (select user_id, key from idempotency_keys where created_at < $1 limit $2)", now - IdempotencyKeys, ct);
        await DeleteAsync(database, "delete from jobs where id in (select id from jobs where failed_at < $1 limit $2)", now - FailedJobs, ct);
        await DeleteAsync(
            database,
            """
            delete from job_keys where (kind, key) in (
                select kind, key from job_keys k where enqueued_at < $1 and not exists (select from jobs j where j.kind = k.kind and j.key = k.key) limit $2)
            """,
            now - options.InboxRetention, ct);
    }

    /// <summary>The smallest UUIDv7 of an instant.</summary>
    internal static Guid FirstIdAt(DateTimeOffset instant)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteInt64BigEndian(bytes, instant.ToUnixTimeMilliseconds() << 16);
        bytes[6] = 0x70;
        bytes[8] = 0x80;
        return new Guid(bytes, bigEndian: true);
    }

    private static async Task DeleteAsync(NpgsqlDataSource database, string sql, object limit, CancellationToken ct)
    {
        int deleted;
        do
        {
            await using var command = database.CreateCommand(sql);
            command.Parameters.Add(new() { Value = limit });
            command.Parameters.Add(new() { Value = Step });
            deleted = await command.ExecuteNonQueryAsync(ct);
        }
        while (deleted == Step);
    }
}
