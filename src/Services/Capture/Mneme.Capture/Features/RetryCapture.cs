using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Mneme.Capture.Domain;
using Mneme.Capture.Infrastructure;
using Mneme.Platform.Domain;
using Mneme.Platform.Http;
using Mneme.Platform.Security;

namespace Mneme.Capture.Features;

internal static class RetryCapture
{
    public static void Map(IEndpointRouteBuilder api) => api.MapPost("/captures/{id:guid}/retry", Handle).Owned()
        .WithName("RetryCapture").WithSummary("Try a failed capture again.").Produces<CaptureResponse>();

    private static async Task<Outcome<CaptureResponse>> Handle(Guid id, Actor actor, CaptureDb db, CaptureOptions options, TimeProvider time, CancellationToken ct)
    {
        await db.LockUsageAsync(actor.UserId, ct);
        if (await db.LockAsync(id, actor.UserId, ct) is not { } item)
            return Problem.NotFound("capture");
        if (item.Status != CaptureStatus.Failed)
            return Problem.Conflict("capture-not-failed", $"Only a failed capture can be tried again; this one is {Names.Of(item.Status)}.");
        if (item.Text is null && await FetchPage.TooManyWaitAsync(db, actor.UserId, options, ct) is { } problem)
            return problem;
        var now = time.GetUtcNow();
        item.TryAgain(now);
        await db.SaveChangesAsync(ct);
        if (item.Text is null)
            await FetchPage.EnqueueAsync(db, item, now, ct);
        else
            db.Publish(item.Captured(item.Version), now);
        return CaptureResponse.Of(item);
    }
}
