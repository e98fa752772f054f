using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Mneme.Platform.Domain;
using Mneme.Platform.Http;
using Mneme.Platform.Security;
using Mneme.Study.Infrastructure;

namespace Mneme.Study.Features;

internal static class ListFlashcards
{
    public static void Map(IEndpointRouteBuilder api) => api.MapGet("/flashcards", Handle).Owned()
        .WithName("ListFlashcards").WithSummary("List flashcards, oldest first; of one topic or with one tag if asked for").Produces<Page<FlashcardResponse>>();

    private static async Task<Outcome<Page<FlashcardResponse>>> Handle(Guid? topicId, string? tag, Actor actor, PageRequest page, StudyDb db, CancellationToken ct)
    {
        if (topicId is { } asked && !await db.Topics.AnyAsync(topic => topic.UserId == actor.UserId && topic.Id == asked, ct))
            return Problem.NotFound("topic");
        var cards = db.Flashcards.AsNoTracking().Where(card => card.UserId == actor.UserId);
        if (topicId is { } topicOnly)
            cards = cards.Where(card => card.TopicId == topicOnly);
        if (tag is not null)
            cards = cards.Where(card => card.Tags.Contains(tag));
        if (page.AfterId is { } after)
            cards = cards.Where(card => card.Id > after);
        var items = await cards.OrderBy(card => card.Id).Take(page.Limit + 1).Select(FlashcardResponse.Projection).ToListAsync(ct);
        return Page<FlashcardResponse>.Of(items, page.Limit, last => last.Id.ToString());
    }
}
