using Mneme.Capture.Infrastructure;
using Mneme.Contracts.Study;

namespace Mneme.Capture.Features;

/// <summary>A capture could not be made into flashcards. One that was deleted meanwhile stays deleted.</summary>
internal static class OnContentFailed
{
    public static async Task Handle(ContentFailed e, CaptureDb db, TimeProvider time, CancellationToken ct)
    {
        if (await db.LockAsync(e.CaptureId, e.UserId, ct) is { } item)
            item.Fail(e.Attempt, e.Reason, time.GetUtcNow());
    }
}
