using System.Data;
using Mneme.Platform.Messaging;
using Mneme.Study.Domain;
using Mneme.Study.Features;
using Npgsql;
using NpgsqlTypes;

namespace Mneme.Study.Infrastructure;

/// <summary>
/// The two statements of a review, the hottest path of all. Plain Npgsql, so that a bare program can run the very same SQL for comparison; EF Core's compiled query
/// allocates a fifth more for each review. The write is one statement whose inserts select from the update, so that a card which changed meanwhile inserts nothing; it
/// needs no transaction.
/// </summary>
internal static class ReviewStatements
{
    /// <summary>$1 user, $2 card.</summary>
    internal const string Read = """
        select front, back, topic_id, hint, tags, due_at, interval_days, ease, repetitions, last_reviewed_at, origin, generated_by, source, capture_id,
               created_at, updated_at, version
        from flashcards where user_id = $1 and id = $2
        """;

    /// <summary>As <see cref="Read"/>; within a transaction it waits for other reviews of the card, and makes them wait.</summary>
    internal const string ReadAndLock = Read + " for update";

    /// <summary>
    /// $1 user, $2 card, $3 version read; after: $4 due, $5 interval, $6 ease, $7 repetitions; $8 now; before: $9 due, $10 interval, $11 ease, $12 repetitions,
    /// $13 last reviewed; $14 elapsed days, $15 duration in ms, $16 study day, $17 quality, $18 review id; $19 event id, $20 type, $21 topic, $22 trace parent, $23 data.
    /// Inserts no row if the card is gone or has another version.
    /// </summary>
    internal const string Write = """
        with card as (
            update flashcards set due_at = $4, interval_days = $5, ease = $6, repetitions = $7, last_reviewed_at = $8, version = version + 1
            where user_id = $1 and id = $2 and version = $3
            returning version),
        entry as (
            insert into review_log (
                id, user_id, flashcard_id, card_version, occurred_at, due_before, last_reviewed_before, due_after, elapsed_days, duration_ms, study_day,
                ease_before, interval_before, repetitions_before, ease_after, interval_after, repetitions_after, quality, kind)
            select $18, $1, $2, version, $8, $9, $13, $4, $14, $15, $16, $11, $10, $12, $6, $5, $7, $17, 'REVIEW' from card)
        insert into outbox (id, type, topic, partition_key, occurred_at, trace_parent, data)
        select $19, $20, $21, $1, $8, $22, $23 from card
        """;

    /// <returns>The card, or null if this person has no such card.</returns>
    public static async Task<FlashcardResponse?> ReadAsync(NpgsqlConnection connection, string sql, Guid userId, Guid cardId, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(sql, connection) { Parameters = { Of(userId), Of(cardId) } };
        await using var reader = await command.ExecuteReaderAsync(CommandBehavior.SingleRow, ct);
        if (!await reader.ReadAsync(ct))
            return null;
        var ease = reader.GetInt32(7);
        return new FlashcardResponse(
            cardId, reader.GetString(0), reader.GetString(1), reader.GetGuid(2), Text(3), reader.GetFieldValue<string[]>(4), Time(5), reader.GetInt32(6), CardMemory.EaseFactorOf(ease),
            reader.GetInt32(8), CardMemory.DifficultyOf(ease), reader.IsDBNull(9) ? null : Time(9),
            reader.GetString(10) == "GENERATED" ? CardOrigin.Generated : CardOrigin.Manual, Text(11), Text(12), reader.IsDBNull(13) ? null : reader.GetGuid(13),
            Time(14), Time(15), reader.GetInt64(16));

        string? Text(int column) => reader.IsDBNull(column) ? null : reader.GetString(column);

        DateTimeOffset Time(int column) => new(reader.GetDateTime(column));
    }

    /// <returns>False if the card is gone or was changed since this version; then nothing is written.</returns>
    public static async Task<bool> WriteAsync(
        NpgsqlConnection connection, Guid cardId, long version, CardReview review, int quality, int? durationMs, Guid reviewId, EventEnvelope envelope, CancellationToken ct)
    {
        var (before, after) = (review.Before, review.After);
        var command = new NpgsqlCommand(Write, connection)
        {
            Parameters =
            {
                Of(envelope.PartitionKey), Of(cardId), Of(version),
                Of(after.DueAt.UtcDateTime), Of(after.State.IntervalDays), Of(after.State.EaseHundredths), Of(after.State.Repetitions),
                Of(envelope.Time.UtcDateTime),
                Of(before.DueAt.UtcDateTime), Of(before.State.IntervalDays), Of(before.State.EaseHundredths), Of(before.State.Repetitions),
                Of(before.LastReviewedAt?.UtcDateTime, NpgsqlDbType.TimestampTz),
                Of(review.ElapsedDays, NpgsqlDbType.Integer), Of(durationMs, NpgsqlDbType.Integer), Of(review.StudyDay), Of((short)quality), Of(reviewId),
                Of(envelope.Id), Of(envelope.Type), Of(envelope.Topic), Of(envelope.TraceParent), Of(envelope.Data),
            },
        };
        await using (command)
            return await command.ExecuteNonQueryAsync(ct) > 0;
    }

    /// <summary>Typed parameters: nothing is boxed.</summary>
    private static NpgsqlParameter<T> Of<T>(T value) => new() { TypedValue = value };

    private static NpgsqlParameter Of<T>(T? value, NpgsqlDbType type)
        where T : struct =>
        value is { } present ? Of(present) : new NpgsqlParameter { Value = DBNull.Value, NpgsqlDbType = type };

    private static NpgsqlParameter Of(string? value) =>
        value is null ? new NpgsqlParameter { Value = DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text } : new NpgsqlParameter<string> { TypedValue = value };
}
