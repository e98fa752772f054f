using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Mneme.Contracts.Study;
using Mneme.Platform.Domain;
using Mneme.Platform.Http;
using Mneme.Platform.Security;
using Mneme.Study.Domain;
using Mneme.Study.Infrastructure;

namespace Mneme.Study.Features;

/// <summary>
/// Deletes a topic with its flashcards. Each card's end is published as well as the topic's, because those who keep something of a card know it by its own id.
/// </summary>
internal static class DeleteTopic
{
    public static void Map(IEndpointRouteBuilder api) => api.MapDelete("/topics/{id:guid}", Handle).Owned()
        .WithName("DeleteTopic").WithSummary("Delete a topic with its flashcards").Produces(StatusCodes.Status204NoContent);

    private static async Task<Outcome<Nothing>> Handle(Guid id, Actor actor, IfMatch ifMatch, StudyDb db, TimeProvider time, CancellationToken ct)
    {
        // Locked, so that no card is added or moved here meanwhile.
        if (await db.LockTopicAsync(actor.UserId, id, ct) is not { } topic)
            return Problem.NotFound("topic");
        if (!ifMatch.Allows(topic.Version))
            return Problem.PreconditionFailed();
        var now = time.Now();
        var cards = await db.Database.SqlQuery<DeletedCard>(
            $"delete from flashcards where user_id = {actor.UserId} and topic_id = {id} returning id, version").ToListAsync(ct);
        foreach (var card in cards)
            db.Publish(new FlashcardDeleted(actor.UserId, card.Id, card.Version + 1), now);
        db.Remove(topic);
        db.Publish(new TopicDeleted(actor.UserId, id, topic.Version + 1), now);
        return Outcome.Done;
    }

    private sealed record DeletedCard(Guid Id, long Version);
}
