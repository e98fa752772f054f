using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Mneme.Capture.Infrastructure;
using Mneme.Contracts.Capture;
using Mneme.Platform.Domain;
using Mneme.Platform.Http;
using Mneme.Platform.Security;

namespace Mneme.Capture.Features;

internal static class DeleteCapture
{
    public static void Map(IEndpointRouteBuilder api) => api.MapDelete("/captures/{id:guid}", Handle).Owned()
        .WithName("DeleteCapture").WithSummary("Delete a capture. The topic that it became stays.").Produces(StatusCodes.Status204NoContent);

    private static async Task<Outcome<Nothing>> Handle(Guid id, IfMatch ifMatch, Actor actor, CaptureDb db, TimeProvider time, CancellationToken ct)
    {
        await db.LockUsageAsync(actor.UserId, ct);
        if (await db.LockAsync(id, actor.UserId, ct) is not { } item)
            return Problem.NotFound("capture");
        if (!ifMatch.Allows(item.Version))
            return Problem.PreconditionFailed();
        db.Captures.Remove(item);
        await db.AddUsageAsync(actor.UserId, -item.Size, ct);
        db.Publish(new ContentDeleted(item.UserId, item.Id, item.Version + 1), time.GetUtcNow());
        return Outcome.Done;
    }
}
