using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Mneme.Platform.Domain;
using Mneme.Platform.Http;
using Mneme.Platform.Security;
using Mneme.Study.Infrastructure;

namespace Mneme.Study.Features;

internal static class GetTopic
{
    public static void Map(IEndpointRouteBuilder api) => api.MapGet("/topics/{id:guid}", Handle).Owned()
        .WithName("GetTopic").WithSummary("Get a topic").Produces<TopicResponse>();

    private static async Task<Outcome<TopicResponse>> Handle(Guid id, Actor actor, StudyDb db, TimeProvider time, CancellationToken ct) =>
        await ReadAsync(db, actor.UserId, id, time.GetUtcNow(), ct) is { } topic ? topic : Problem.NotFound("topic");

    internal static Task<TopicResponse?> ReadAsync(StudyDb db, Guid userId, Guid id, DateTimeOffset now, CancellationToken ct) =>
        db.Topics.AsNoTracking().Where(topic => topic.UserId == userId && topic.Id == id).Select(TopicResponse.Projection(db, now)).SingleOrDefaultAsync(ct);
}
