using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Mneme.Capture.Domain;
using Mneme.Capture.Infrastructure;
using Mneme.Platform.Domain;
using Mneme.Platform.Http;
using Mneme.Platform.Security;

namespace Mneme.Capture.Features;

/// <summary>What to change; what is left out stays as it is.</summary>
/// <param name="Tags">All tags from now on.</param>
/// <param name="Title">The title; an empty one removes it.</param>
internal sealed record UpdateCaptureRequest(
    [MaxLength(TagList.MaxCount), ItemLength(1, TagList.MaxLength)] IReadOnlyList<string>? Tags = null,
    [StringLength(CapturedItem.MaxTitle)] string? Title = null);

internal static class UpdateCapture
{
    public static void Map(IEndpointRouteBuilder api) => api.MapPatch("/captures/{id:guid}", Handle).Owned()
        .WithName("UpdateCapture").WithSummary("Change a capture's tags or title. With If-Match only if it is as you read it.").Produces<CaptureResponse>();

    private static async Task<Outcome<CaptureResponse>> Handle(
        Guid id, UpdateCaptureRequest request, IfMatch ifMatch, Actor actor, CaptureDb db, CancellationToken ct)
    {
        var tags = request.Tags is null ? (Outcome<TagList>?)null : TagList.Of(request.Tags);
        if (tags?.Problem is { } problem)
            return problem;
        if (await db.LockAsync(id, actor.UserId, ct) is not { } item)
            return Problem.NotFound("capture");
        if (!ifMatch.Allows(item.Version))
            return Problem.PreconditionFailed();
        if (tags?.Value is { } list)
            item.Tag(list);
        if (request.Title is not null)
            item.Rename(PlainText.OneLine(request.Title, CapturedItem.MaxTitle));
        // Saved here, so that the answer carries the version that the change made.
        await db.SaveChangesAsync(ct);
        return CaptureResponse.Of(item);
    }
}
