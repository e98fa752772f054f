using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Mneme.Contracts.Study;
using Mneme.Platform.Domain;
using Mneme.Platform.Http;
using Mneme.Platform.Security;
using Mneme.Study.Domain;
using Mneme.Study.Infrastructure;

namespace Mneme.Study.Features;

internal sealed record CompleteTopicRequest(Guid TopicId);

/// <summary>Completes a topic, once in its life: repeated, it answers what it answered first.</summary>
internal static class CompleteTopic
{
    public static void Map(IEndpointRouteBuilder api) => api.MapPost("/topics/complete", Handle).Owned()
        .WithName("CompleteTopic").WithSummary("Complete a topic; counts once").Produces<TopicResponse>();

    private static async Task<Outcome<TopicResponse>> Handle(CompleteTopicRequest request, Actor actor, StudyDb db, TimeProvider time, CancellationToken ct)
    {
        // The row's lock lets parallel calls see that the first one did it.
        if (await db.LockTopicAsync(actor.UserId, request.TopicId, ct) is not { } topic)
            return Problem.NotFound("topic");
        var now = time.Now();
        if (topic.Complete(now))
        {
            db.Publish(new TopicCompleted(actor.UserId, topic.Id, topic.Name, now, actor.LocalDate(now), actor.TimeZone.Id, topic.Version + 1), now);
            await db.SaveChangesAsync(ct);
        }

        return (await GetTopic.ReadAsync(db, actor.UserId, topic.Id, now, ct))!;
    }
}
