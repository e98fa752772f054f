using Mneme.Capture.Infrastructure;
using Mneme.Contracts.Study;

namespace Mneme.Capture.Features;

/// <summary>A capture became a topic. One that was deleted meanwhile stays deleted.</summary>
internal static class OnContentProcessed
{
    public static async Task Handle(ContentProcessed e, CaptureDb db, TimeProvider time, CancellationToken ct)
    {
        if (await db.LockAsync(e.CaptureId, e.UserId, ct) is { } item)
            item.BecomeTopic(e.Attempt, e.TopicId, time.GetUtcNow());
    }
}
