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

/// <summary>All of a card's texts: what is left out is removed.</summary>
internal sealed record ReplaceFlashcardRequest(
    [Required, StringLength(StudyLimits.CardSide)] string Front,
    [Required, StringLength(StudyLimits.CardSide)] string Back,
    Guid TopicId,
    [StringLength(StudyLimits.Hint)] string? Hint = null,
    [MaxLength(StudyLimits.Tags), ItemLength(1, StudyLimits.Tag), NotBlank] string[]? Tags = null);

/// <summary>Some of a card's texts: what is left out stays. An empty hint removes it.</summary>
internal sealed record ChangeFlashcardRequest(
    [NotBlank, StringLength(StudyLimits.CardSide)] string? Front = null,
    [NotBlank, StringLength(StudyLimits.CardSide)] string? Back = null,
    Guid? TopicId = null,
    [StringLength(StudyLimits.Hint)] string? Hint = null,
    [MaxLength(StudyLimits.Tags), ItemLength(1, StudyLimits.Tag), NotBlank] string[]? Tags = null);

/// <summary>Changes a card's texts or its topic. What is remembered of it stays.</summary>
internal static class UpdateFlashcard
{
    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapPut("/flashcards/{id:guid}", Replace).Owned()
            .WithName("ReplaceFlashcard").WithSummary("Replace a flashcard's texts; its memory state stays").Produces<FlashcardResponse>();
        api.MapPatch("/flashcards/{id:guid}", Change).Owned()
            .WithName("ChangeFlashcard").WithSummary("Change some of a flashcard's texts; its memory state stays").Produces<FlashcardResponse>();
    }

    private static Task<Outcome<FlashcardResponse>> Replace(
        Guid id, ReplaceFlashcardRequest request, Actor actor, IfMatch ifMatch, StudyDb db, TimeProvider time, CancellationToken ct) =>
        UpdateAsync(db, actor, id, ifMatch, request.TopicId, card => card.Change(
            request.Front, request.Back, request.TopicId, request.Hint, TagList.Of(request.Tags), time.Now()), ct);

    private static Task<Outcome<FlashcardResponse>> Change(
        Guid id, ChangeFlashcardRequest request, Actor actor, IfMatch ifMatch, StudyDb db, TimeProvider time, CancellationToken ct) =>
        UpdateAsync(db, actor, id, ifMatch, request.TopicId, card => card.Change(
            request.Front ?? card.Front, request.Back ?? card.Back, request.TopicId ?? card.TopicId, request.Hint ?? card.Hint,
            request.Tags is null ? card.Tags : TagList.Of(request.Tags), time.Now()), ct);

    private static async Task<Outcome<FlashcardResponse>> UpdateAsync(
        StudyDb db, Actor actor, Guid id, IfMatch ifMatch, Guid? topicId, Action<Flashcard> change, CancellationToken ct)
    {
        // The topic before the card, in the order in which a topic is deleted with its cards.
        var hasTopic = topicId is not { } target || await db.KeepTopicAsync(actor.UserId, target, ct);
        if (await db.LockFlashcardAsync(actor.UserId, id, ct) is not { } card)
            return Problem.NotFound("flashcard");
        if (!ifMatch.Allows(card.Version))
            return Problem.PreconditionFailed();
        if (!hasTopic)
            return Problem.Invalid("topicId", "There is no such topic.");
        change(card);
        // Saved here, so that the answer carries the new version.
        await db.SaveChangesAsync(ct);
        return FlashcardResponse.Of(card);
    }
}
