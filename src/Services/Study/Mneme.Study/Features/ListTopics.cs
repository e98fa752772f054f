using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Mneme.Platform.Domain;
using Mneme.Platform.Http;
using Mneme.Platform.Security;
using Mneme.Study.Infrastructure;

namespace Mneme.Study.Features;

internal static class ListTopics
{
    public static void Map(IEndpointRouteBuilder api) => api.MapGet("/topics", Handle).Owned()
        .WithName("ListTopics").WithSummary("List topics, oldest first, with how many cards they have and how many are due").Produces<Page<TopicResponse>>();

    private static async Task<Outcome<Page<TopicResponse>>> Handle(Actor actor, PageRequest page, StudyDb db, TimeProvider time, CancellationToken ct)
    {
        var topics = db.Topics.AsNoTracking().Where(topic => topic.UserId == actor.UserId);
        if (page.AfterId is { } after)
            topics = topics.Where(topic => topic.Id > after);
        var items = await topics.OrderBy(topic => topic.Id).Take(page.Limit + 1).Select(TopicResponse.Projection(db, time.GetUtcNow())).ToListAsync(ct);
        return Page<TopicResponse>.Of(items, page.Limit, last => last.Id.ToString());
    }
}
