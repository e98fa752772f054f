using System.ComponentModel.DataAnnotations;
using Mneme.Platform.Messaging;

namespace Mneme.Contracts.Ai;

/// <summary>Asks for a topic's title and flashcards made from a text, in the text's language.</summary>
/// <param name="UserId">Whose budget pays for it.</param>
/// <param name="IdempotencyKey">Stable over retries of the same work: the answer is paid for once.</param>
/// <param name="Text">The text to learn from.</param>
/// <param name="Language">BCP 47 tag if it is known; else it is detected.</param>
/// <param name="Title">The person's own title, if any.</param>
/// <param name="Count">How many cards at most, 3 to 20; null for 3 to 5.</param>
[Ask("ai.generate-flashcards", AnsweredBy = "ai", AskedBy = ["study"], DeadlineSeconds = 120, IsIdempotent = true)]
public sealed record GenerateFlashcards(
    Guid UserId,
    [property: Required, StringLength(200)] string IdempotencyKey,
    [property: Required, StringLength(200_000, MinimumLength = 1)] string Text,
    [property: StringLength(35)] string? Language,
    [property: StringLength(300)] string? Title,
    [property: Range(3, 20)] int? Count) : IAsk<GeneratedFlashcards>;

/// <param name="Title">A short title in the text's language.</param>
/// <param name="Language">BCP 47 tag of the text's language.</param>
/// <param name="Provider">Which provider made them: anthropic, openai or offline.</param>
/// <param name="Model">The provider's model, where it has one.</param>
/// <param name="Cards">At least one.</param>
public sealed record GeneratedFlashcards(string Title, string Language, string Provider, string? Model, IReadOnlyList<GeneratedFlashcard> Cards);

/// <param name="Front">The question, or the sentence with a gap.</param>
/// <param name="Back">The answer.</param>
/// <param name="Source">The sentence of the text that it came from, word for word.</param>
public sealed record GeneratedFlashcard(string Front, string Back, string Source);
