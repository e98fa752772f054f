using Mneme.Contracts.Study;
using Mneme.Platform.Messaging;
using Mneme.Progress.Domain;
using Mneme.Progress.Infrastructure;

namespace Mneme.Progress.Features;

/// <summary>Points for reviews. The hottest consumer of the system, hence by the batch.</summary>
internal static class OnFlashcardReviewed
{
    public static Task Handle(EventBatch<FlashcardReviewed> batch, ProgressDb db, CancellationToken ct) =>
        ActionWriter.ApplyAsync(
            db, [.. batch.Select(e => new LearningAction(e.Data.UserId, Points.FlashcardReviewed, e.Data.ReviewedAt, e.Data.LocalDate, e.Data.TimeZone))], ct);
}
