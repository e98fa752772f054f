using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Mneme.Platform.Domain;
using Mneme.Platform.Http;
using Mneme.Platform.Security;
using Mneme.Study.Infrastructure;

namespace Mneme.Study.Features;

internal static class GetFlashcard
{
    public static void Map(IEndpointRouteBuilder api) => api.MapGet("/flashcards/{id:guid}", Handle).Owned()
        .WithName("GetFlashcard").WithSummary("Get a flashcard").Produces<FlashcardResponse>();

    private static async Task<Outcome<FlashcardResponse>> Handle(Guid id, Actor actor, StudyDb db, CancellationToken ct) =>
        await db.Flashcards.AsNoTracking().Where(card => card.UserId == actor.UserId && card.Id == id).Select(FlashcardResponse.Projection).SingleOrDefaultAsync(ct) is { } found
            ? found
            : Problem.NotFound("flashcard");
}
