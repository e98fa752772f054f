using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Mneme.Platform.Domain;
using Mneme.Platform.Http;
using Mneme.Platform.Security;
using Mneme.Study.Domain;
using Mneme.Study.Infrastructure;

namespace Mneme.Study.Features;

/// <summary>What is left out stays. An empty description removes it.</summary>
internal sealed record UpdateTopicRequest(
    [NotBlank, StringLength(StudyLimits.TopicName)] string? Name = null,
    [StringLength(StudyLimits.Description)] string? Description = null,
    [MaxLength(StudyLimits.Tags), ItemLength(1, StudyLimits.Tag), NotBlank] string[]? Tags = null);

internal static class UpdateTopic
{
    public static void Map(IEndpointRouteBuilder api) => api.MapPatch("/topics/{id:guid}", Handle).Owned()
        .WithName("UpdateTopic").WithSummary("Rename a topic, or change its description or tags").Produces<TopicResponse>();

    private static async Task<Outcome<TopicResponse>> Handle(
        Guid id, UpdateTopicRequest request, Actor actor, IfMatch ifMatch, StudyDb db, TimeProvider time, CancellationToken ct)
    {
        if (await db.LockTopicAsync(actor.UserId, id, ct) is not { } topic)
            return Problem.NotFound("topic");
        if (!ifMatch.Allows(topic.Version))
            return Problem.PreconditionFailed();
        var now = time.Now();
        topic.Change(request.Name, request.Description, request.Tags is null ? null : TagList.Of(request.Tags), now);
        // Saved here, so that the answer carries the new version.
        await db.SaveChangesAsync(ct);
        return (await GetTopic.ReadAsync(db, actor.UserId, id, now, ct))!;
    }
}
