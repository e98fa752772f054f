using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Mneme.Capture.Infrastructure;
using Mneme.Platform.Domain;
using Mneme.Platform.Http;
using Mneme.Platform.Security;

namespace Mneme.Capture.Features;

internal static class GetCapture
{
    public static void Map(IEndpointRouteBuilder api) => api.MapGet("/captures/{id:guid}", Handle).Owned()
        .WithName("GetCapture").WithSummary("One capture in full, with the topic that it became or the reason why it failed.").Produces<CaptureResponse>();

    private static async Task<Outcome<CaptureResponse>> Handle(Guid id, Actor actor, CaptureDb db, CancellationToken ct) =>
        await db.Captures.AsNoTracking().SingleOrDefaultAsync(c => c.Id == id && c.UserId == actor.UserId, ct) is { } item
            ? CaptureResponse.Of(item)
            : Problem.NotFound("capture");
}
