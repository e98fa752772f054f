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

internal sealed record CreateFlashcardRequest(
    [Required, StringLength(StudyLimits.CardSide)] string Front,
    [Required, StringLength(StudyLimits.CardSide)] string Back,
    Guid TopicId,
    [StringLength(StudyLimits.Hint)] string? Hint = null,
    [MaxLength(StudyLimits.Tags), ItemLength(1, StudyLimits.Tag), NotBlank] string[]? Tags = null);

internal static class CreateFlashcard
{
    public static void Map(IEndpointRouteBuilder api) => api.MapPost("/flashcards", Handle).Owned()
        .WithName("CreateFlashcard").WithSummary("Create a flashcard in a topic; it is due at once").Produces<FlashcardResponse>(StatusCodes.Status201Created);

    private static async Task<Outcome<FlashcardResponse>> Handle(CreateFlashcardRequest request, Actor actor, StudyDb db, TimeProvider time, CancellationToken ct)
    {
        if (!await db.KeepTopicAsync(actor.UserId, request.TopicId, ct))
            return Problem.NotFound("topic");
        var now = time.Now();
        var card = Flashcard.Write(
            Guid.CreateVersion7(now), actor.UserId, request.TopicId, request.Front, request.Back, request.Hint, TagList.Of(request.Tags), now);
        db.Flashcards.Add(card);
        return Outcome.Created(FlashcardResponse.Of(card), $"/api/v1/flashcards/{card.Id}");
    }
}
