using Mneme.IntegrationTests.Support;
using Mneme.Scheduling;

namespace Mneme.IntegrationTests.Study;

/// <summary>An entry of the review log, read by plain SQL.</summary>
internal sealed record ReviewLog(
    long Version, int Quality, Sm2State Before, Sm2State After, DateTimeOffset OccurredAt, DateTimeOffset DueBefore, DateTimeOffset DueAfter,
    DateTimeOffset? LastReviewedBefore, int? ElapsedDays, int? DurationMs, DateOnly StudyDay, string Kind)
{
    /// <summary>A card's entries in order.</summary>
    public static async Task<IReadOnlyList<ReviewLog>> OfAsync(TestApplication app, Guid flashcardId)
    {
        await using var command = app.Database("study").CreateCommand("""
            select card_version, quality, ease_before, interval_before, repetitions_before, ease_after, interval_after, repetitions_after, occurred_at, due_before, due_after,
                   last_reviewed_before, elapsed_days, duration_ms, study_day, kind
            from review_log where flashcard_id = $1 order by card_version
            """);
        command.Parameters.Add(new() { Value = flashcardId });
        await using var reader = await command.ExecuteReaderAsync();
        var entries = new List<ReviewLog>();
        while (await reader.ReadAsync())
        {
            entries.Add(new ReviewLog(
                reader.GetInt64(0), reader.GetInt16(1),
                new Sm2State(reader.GetInt32(2), reader.GetInt32(3), reader.GetInt32(4)), new Sm2State(reader.GetInt32(5), reader.GetInt32(6), reader.GetInt32(7)),
                reader.GetFieldValue<DateTimeOffset>(8), reader.GetFieldValue<DateTimeOffset>(9), reader.GetFieldValue<DateTimeOffset>(10),
                reader.GetFieldValue<DateTimeOffset?>(11), reader.GetFieldValue<int?>(12), reader.GetFieldValue<int?>(13), reader.GetFieldValue<DateOnly>(14), reader.GetString(15)));
        }

        return entries;
    }
}
