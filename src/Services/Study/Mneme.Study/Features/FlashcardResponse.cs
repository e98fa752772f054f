using System.Linq.Expressions;
using Mneme.Platform.Http;
using Mneme.Study.Domain;

namespace Mneme.Study.Features;

/// <param name="Id">The card.</param>
/// <param name="Front">The question.</param>
/// <param name="Back">The answer.</param>
/// <param name="TopicId">Its topic.</param>
/// <param name="Hint">A hint, if there is one.</param>
/// <param name="Tags">Its tags.</param>
/// <param name="NextReview">When it is due, UTC.</param>
/// <param name="Interval">Days from the last review to the next; 0 for a card never reviewed.</param>
/// <param name="EaseFactor">SM-2's ease factor, at least 1.3.</param>
/// <param name="Repetitions">Successful reviews in a row.</param>
/// <param name="Difficulty">EASY with an ease factor above 2.5, HARD below 2.0, else NORMAL.</param>
/// <param name="LastReviewedAt">When it was last reviewed, UTC; null if never.</param>
/// <param name="Origin">MANUAL or GENERATED.</param>
/// <param name="GeneratedBy">For a generated card, the provider: anthropic, openai or offline.</param>
/// <param name="Source">For a generated card, the sentence it was made of.</param>
/// <param name="CaptureId">For a generated card, the capture it was made of, as long as that exists.</param>
/// <param name="CreatedAt">When it was made, UTC.</param>
/// <param name="UpdatedAt">When its texts were last changed, UTC.</param>
/// <param name="Version">Rises with every change and review; its ETag.</param>
internal sealed record FlashcardResponse(
    Guid Id, string Front, string Back, Guid TopicId, string? Hint, string[] Tags, DateTimeOffset NextReview, int Interval, decimal EaseFactor, int Repetitions,
    Difficulty Difficulty, DateTimeOffset? LastReviewedAt, CardOrigin Origin, string? GeneratedBy, string? Source, Guid? CaptureId,
    DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt, long Version) : IVersioned
{
    public static Expression<Func<Flashcard, FlashcardResponse>> Projection { get; } = c => new FlashcardResponse(
        c.Id, c.Front, c.Back, c.TopicId, c.Hint, c.Tags, c.DueAt, c.IntervalDays, CardMemory.EaseFactorOf(c.Ease), c.Repetitions, CardMemory.DifficultyOf(c.Ease),
        c.LastReviewedAt, c.Origin, c.GeneratedBy, c.Source, c.CaptureId, c.CreatedAt, c.UpdatedAt, c.Version);

    public static FlashcardResponse Of(Flashcard card) => Mapping(card);

    private static Func<Flashcard, FlashcardResponse> Mapping { get; } = Projection.Compile();
}
