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

internal static class DeleteFlashcard
{
    public static void Map(IEndpointRouteBuilder api) => api.MapDelete("/flashcards/{id:guid}", Handle).Owned()
        .WithName("DeleteFlashcard").WithSummary("Delete a flashcard").Produces(StatusCodes.Status204NoContent);

    private static async Task<Outcome<Nothing>> Handle(Guid id, Actor actor, IfMatch ifMatch, StudyDb db, TimeProvider time, CancellationToken ct)
    {
        if (await db.LockFlashcardAsync(actor.UserId, id, ct) is not { } card)
            return Problem.NotFound("flashcard");
        if (!ifMatch.Allows(card.Version))
            return Problem.PreconditionFailed();
        db.Remove(card);
        db.Publish(new FlashcardDeleted(actor.UserId, id, card.Version + 1), time.Now());
        return Outcome.Done;
    }
}
