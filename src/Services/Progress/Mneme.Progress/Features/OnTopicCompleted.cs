using Mneme.Contracts.Study;
using Mneme.Platform.Messaging;
using Mneme.Progress.Domain;
using Mneme.Progress.Infrastructure;

namespace Mneme.Progress.Features;

/// <summary>Points for a completed topic.</summary>
internal static class OnTopicCompleted
{
    public static Task Handle(EventBatch<TopicCompleted> batch, ProgressDb db, CancellationToken ct) =>
        ActionWriter.ApplyAsync(
            db, [.. batch.Select(e => new LearningAction(e.Data.UserId, Points.TopicCompleted, e.Data.CompletedAt, e.Data.LocalDate, e.Data.TimeZone))], ct);
}
