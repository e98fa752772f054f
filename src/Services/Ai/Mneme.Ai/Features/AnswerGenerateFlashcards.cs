using Microsoft.Extensions.Logging;
using Mneme.Ai.Domain;
using Mneme.Ai.Infrastructure;
using Mneme.Ai.Models;
using Mneme.Contracts.Ai;
using Mneme.Platform.Domain;
using Mneme.Platform.Persistence;

namespace Mneme.Ai.Features;

/// <summary>Flashcards for another service: from the stored answer, from the configured provider, or offline when that is the fallback.</summary>
internal sealed partial class AnswerGenerateFlashcards(
    IFlashcardWriter writer, OfflineFlashcardWriter offline, AnswerStore answers, AiOptions options, ILogger<AnswerGenerateFlashcards> logger)
{
    public static Task<Outcome<GeneratedFlashcards>> Handle(GenerateFlashcards request, AnswerGenerateFlashcards feature, CancellationToken ct) => feature.AnswerAsync(request, ct);

    private async Task<Outcome<GeneratedFlashcards>> AnswerAsync(GenerateFlashcards request, CancellationToken ct)
    {
        // The empty id owns the installation's counters.
        if (request.UserId == Guid.Empty)
            return Problem.Invalid("userId", "Say whose budget pays.");
        var order = FlashcardOrder.Of(request);
        // What costs nothing and always comes out the same need not be kept.
        if (writer is OfflineFlashcardWriter)
            return Count(await writer.WriteAsync(order, ct));
        // Waiting for another's answer and working share one limit, which ends before the asker's patience does.
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(options.OverallTimeout);
        try
        {
            var found = await answers.ClaimAsync(request, limit.Token);
            return found switch
            {
                { Problem: { } problem } => problem,
                { Value: { Answer: { } stored } } => stored,
                _ => Count(await WorkAsync(request, order, found.Value!.Claim!.Value, limit.Token, ct)),
            };
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return Problem.Unavailable("ai-in-progress", "The same request is still being worked on. Try again later.");
        }
        catch (Exception e) when (DatabaseFailure.IsUnavailable(e))
        {
            // Without accounting there is no call, whatever it would cost.
            return Problem.Unavailable("ai-accounting-unavailable", "The accounting of the AI service is not available at the moment. Try again later.");
        }
    }

    private async Task<Outcome<GeneratedFlashcards>> WorkAsync(GenerateFlashcards request, FlashcardOrder order, Guid claim, CancellationToken limit, CancellationToken ct)
    {
        var answered = false;
        try
        {
            var outcome = await WriteAsync(order, limit, ct);
            if (outcome.Problem is { } problem && options.FallbackToOffline)
            {
                LogFallback(problem.Code);
                var fallback = await offline.WriteAsync(order, ct);
                // When the offline writer has nothing either, the provider's reason is the one to know.
                outcome = fallback.Problem is null ? fallback : outcome;
            }

            if (outcome.Value is { } deck)
            {
                answered = true;
                await CompleteAsync(request, claim, deck);
            }

            return outcome;
        }
        finally
        {
            if (!answered)
                await AbandonAsync(request, claim);
        }
    }

    private async Task<Outcome<GeneratedFlashcards>> WriteAsync(FlashcardOrder order, CancellationToken limit, CancellationToken ct)
    {
        try
        {
            return await writer.WriteAsync(order, limit);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return new ModelFailure(ModelFailureKind.TimedOut).ToProblem(options.ActiveProvider.Name());
        }
    }

    private async Task CompleteAsync(GenerateFlashcards request, Guid claim, GeneratedFlashcards deck)
    {
        try
        {
            await answers.CompleteAsync(request, claim, deck);
        }
        catch (Exception e) when (DatabaseFailure.IsUnavailable(e))
        {
            // The answer is here and paid for: it is given, and only a repetition would be paid again.
            LogNotStored();
        }
    }

    private async Task AbandonAsync(GenerateFlashcards request, Guid claim)
    {
        try
        {
            await answers.AbandonAsync(request, claim);
        }
        catch (Exception e) when (DatabaseFailure.IsUnavailable(e))
        {
            LogNotStored();
        }
    }

    private static Outcome<GeneratedFlashcards> Count(Outcome<GeneratedFlashcards> outcome)
    {
        if (outcome.Value is { } deck)
            AiMetrics.Generated(deck.Provider, deck.Cards.Count);
        return outcome;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The offline writer steps in: {Problem}")]
    private partial void LogFallback(string problem);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The outcome of a generation could not be recorded; its claim ends with its time")]
    private partial void LogNotStored();
}
