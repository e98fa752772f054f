using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Mneme.Ai.Domain;
using Mneme.Contracts.Ai;
using Mneme.Platform.Domain;

namespace Mneme.Ai.Models;

/// <summary>Has a model write the cards. An answer that does not hold is sent back once with what is wrong; a second one is refused.</summary>
internal sealed partial class ModelFlashcardWriter(MeteredModel model, AiOptions options, ILogger<ModelFlashcardWriter> logger) : IFlashcardWriter
{
    public async Task<Outcome<GeneratedFlashcards>> WriteAsync(FlashcardOrder order, CancellationToken ct)
    {
        var messages = FlashcardPrompt.Messages(order);
        var chat = FlashcardPrompt.Options(options.MaxOutputTokens);
        for (var attempt = 1; ; attempt++)
        {
            var reply = await model.AskAsync(order.UserId, messages, chat, ct);
            if (reply.Refusal is { } refusal)
                return refusal;
            if (reply.Failure is { } failure)
                return failure.ToProblem(model.Provider);
            var response = reply.Response!;
            if (response.FinishReason == ChatFinishReason.ContentFilter)
                return new ModelFailure(ModelFailureKind.ContentRefused).ToProblem(model.Provider);
            var deck = response.FinishReason == ChatFinishReason.Length
                ? CheckedDeck.Refused("The answer was cut off because it was too long. Write fewer or shorter cards.")
                : DeckCheck.Check(response.Text, order);
            if (deck.IsAccepted)
                return new GeneratedFlashcards(deck.Title, deck.Language, model.Provider, ModelName(response), deck.Cards);
            AiMetrics.Failed(model.Provider, "invalid-answer");
            LogInvalid(model.Provider, model.Name, attempt, deck.Errors.Count);
            if (attempt == 2)
                return Problem.Unprocessable("ai-answer-invalid", $"The AI model {model.Name} gave no usable flashcards for this text, twice. Try again, or write the cards yourself.");
            FlashcardPrompt.AskAgain(messages, response.Text, deck.Errors);
        }
    }

    // The provider says which version answered; the configured name stands in when it does not.
    private string ModelName(ChatResponse response) => response.ModelId is { Length: > 0 } id ? PlainText.Line(id, 100) : model.Name;

    [LoggerMessage(Level = LogLevel.Warning, Message = "Answer {Attempt} of {Provider} ({Model}) does not hold: {Errors} errors")]
    private partial void LogInvalid(string provider, string model, int attempt, int errors);
}
