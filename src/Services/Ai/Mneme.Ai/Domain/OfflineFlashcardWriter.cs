using Mneme.Ai.Offline;
using Mneme.Contracts.Ai;
using Mneme.Platform.Domain;

namespace Mneme.Ai.Domain;

/// <summary>The offline writer behind the port: costs nothing, needs nobody, and gives the same cards for the same text.</summary>
internal sealed class OfflineFlashcardWriter : IFlashcardWriter
{
    public Task<Outcome<GeneratedFlashcards>> WriteAsync(FlashcardOrder order, CancellationToken ct) =>
        Task.Run(() => Write(order), ct);

    private static Outcome<GeneratedFlashcards> Write(FlashcardOrder order)
    {
        var deck = OfflineCardWriter.Write(order.Text, PrimaryLanguage(order.Language), order.Most);
        if (deck.Cards.Count == 0)
        {
            return Problem.Unprocessable("no-flashcards", deck.Language is "de" or "en"
                ? "No flashcards could be made from this text: it has too few statements that stand on their own. Capture a longer passage, or write the cards yourself."
                : "No flashcards could be made from this text: without an AI provider they are made from German and English texts only.");
        }

        var cards = deck.Cards.Select(card => new GeneratedFlashcard(card.Front, card.Back, card.Source)).ToList();
        return new GeneratedFlashcards(Title(order, deck), deck.Language, AiProvider.Offline.Name(), Model: null, cards);
    }

    // The person's own title is better than one put together from the text's words.
    private static string Title(FlashcardOrder order, OfflineDeck deck) =>
        PlainText.Line(order.Title ?? "", DeckCheck.MaxTitle) is { Length: > 0 } own ? own : PlainText.Line(deck.Title, DeckCheck.MaxTitle);

    private static string? PrimaryLanguage(string? tag) => tag?.Split('-')[0].ToLowerInvariant();
}
