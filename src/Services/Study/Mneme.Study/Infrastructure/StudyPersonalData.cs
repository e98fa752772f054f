using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Mneme.Platform;
using Mneme.Platform.Security;
using Mneme.Study.Features;

namespace Mneme.Study.Infrastructure;

internal sealed class StudyPersonalData(StudyDb db, TimeProvider time) : IPersonalData
{
    public async Task<JsonNode?> ExportAsync(Guid userId, CancellationToken ct)
    {
        var timeZone = await db.Learners.Where(learner => learner.UserId == userId).Select(learner => learner.TimeZone).SingleOrDefaultAsync(ct);
        var topics = await db.Topics.AsNoTracking().Where(topic => topic.UserId == userId).OrderBy(topic => topic.Id)
            .Select(TopicResponse.Projection(db, time.GetUtcNow())).ToListAsync(ct);
        var flashcards = await db.Flashcards.AsNoTracking().Where(card => card.UserId == userId).OrderBy(card => card.Id)
            .Select(FlashcardResponse.Projection).ToListAsync(ct);
        var reviews = await db.ReviewLog.AsNoTracking().Where(entry => entry.UserId == userId).OrderBy(entry => entry.FlashcardId).ThenBy(entry => entry.CardVersion)
            .ToListAsync(ct);
        var captures = await db.CapturedTexts.AsNoTracking().Where(capture => capture.UserId == userId && capture.Text != null)
            .Select(capture => new { capture.CaptureId, capture.Title, capture.Text, capture.Language, capture.Tags }).ToListAsync(ct);
        return timeZone is null && topics.Count + reviews.Count + captures.Count == 0
            ? null
            : JsonSerializer.SerializeToNode(new { timeZone, topics, flashcards, reviews, capturesWaiting = captures }, Json.Options);
    }

    public async Task EraseAsync(Guid userId, CancellationToken ct)
    {
        // Captures first: a worker that is making cards of one holds its row, so its topic is there to be deleted when this goes on.
        await db.CapturedTexts.Where(capture => capture.UserId == userId).ExecuteDeleteAsync(ct);
        await db.Flashcards.Where(card => card.UserId == userId).ExecuteDeleteAsync(ct);
        await db.Topics.Where(topic => topic.UserId == userId).ExecuteDeleteAsync(ct);
        await db.ReviewLog.Where(entry => entry.UserId == userId).ExecuteDeleteAsync(ct);
        await db.Learners.Where(learner => learner.UserId == userId).ExecuteDeleteAsync(ct);
    }
}
