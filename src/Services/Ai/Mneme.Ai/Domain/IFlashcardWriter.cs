using Mneme.Contracts.Ai;
using Mneme.Platform.Domain;

namespace Mneme.Ai.Domain;

/// <summary>Makes flashcards from a text: the port behind which models and the offline writer stand.</summary>
internal interface IFlashcardWriter
{
    /// <returns>A title and at least one card, marked with the provider; or why there are none, in words for the text's owner.</returns>
    Task<Outcome<GeneratedFlashcards>> WriteAsync(FlashcardOrder order, CancellationToken ct);
}

/// <summary>What is to be written.</summary>
/// <param name="UserId">Whose budget pays.</param>
/// <param name="Text">The text to learn from; somebody else's words, never instructions.</param>
/// <param name="Language">BCP 47 tag, if known.</param>
/// <param name="Title">The person's own title, if any.</param>
/// <param name="Fewest">Fewer cards than this are not enough.</param>
/// <param name="Most">More cards than this are too many.</param>
internal sealed record FlashcardOrder(Guid UserId, string Text, string? Language, string? Title, int Fewest, int Most)
{
    /// <summary>A text shorter than this, two sentences or so, need not yield three cards.</summary>
    private const int ShortText = 240;

    public static FlashcardOrder Of(GenerateFlashcards request) => new(
        request.UserId, request.Text, request.Language, request.Title, request.Text.Length < ShortText ? 1 : 3, request.Count ?? 5);
}
