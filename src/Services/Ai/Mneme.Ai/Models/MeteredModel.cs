using System.Diagnostics;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Mneme.Ai.Domain;
using Mneme.Ai.Infrastructure;
using Mneme.Platform.Persistence;
using Polly.CircuitBreaker;

namespace Mneme.Ai.Models;

/// <summary>
/// The only way to a model: nothing is sent before its price is reserved, and every attempt is settled by what it used. An attempt that the provider
/// refused is given back; one whose fate is unknown (time-out, broken connection) is counted in full, because it may be billed.
/// </summary>
internal sealed partial class MeteredModel(ChatModel model, BudgetLedger ledger, AiOptions options, ILogger<MeteredModel> logger)
{
    public string Provider => model.Provider;

    public string Name => model.Name;

    /// <summary>Calls the model, repeatedly if need be.</summary>
    public async Task<ModelReply> AskAsync(Guid userId, IReadOnlyList<ChatMessage> messages, ChatOptions chat, CancellationToken ct)
    {
        var most = new TokenUsage(FlashcardPrompt.MostInputTokens(messages), chat.MaxOutputTokens ?? options.MaxOutputTokens);
        try
        {
            return await model.Pipeline.ExecuteAsync(async token => await AttemptAsync(userId, messages, chat, most, token), ct);
        }
        catch (BrokenCircuitException e)
        {
            return ModelReply.Failed(new ModelFailure(ModelFailureKind.Unavailable, RetryAfter: e.RetryAfter ?? options.BreakerPause));
        }
    }

    private async Task<ModelReply> AttemptAsync(Guid userId, IReadOnlyList<ChatMessage> messages, ChatOptions chat, TokenUsage most, CancellationToken ct)
    {
        var reserved = await ledger.ReserveAsync(userId, most.Total, model.Price.Micros(most), ct);
        if (reserved.Problem is { } problem)
        {
            AiMetrics.Failed(model.Provider, problem.Code);
            return ModelReply.Refused(problem);
        }

        var start = Stopwatch.GetTimestamp();
        using var activity = AiMetrics.StartCall(model.Provider, model.Name);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(options.CallTimeout);
        try
        {
            var response = await model.Client.GetResponseAsync(messages, chat, limit.Token);
            var usage = response.Usage is { InputTokenCount: { } input, OutputTokenCount: { } output } ? new TokenUsage(input, output) : most;
            await SettleAsync(reserved.Value!, usage);
            AiMetrics.Called(model.Provider, model.Name, usage, Stopwatch.GetElapsedTime(start));
            return ModelReply.Answered(response);
        }
        catch (Exception e)
        {
            var failure = limit.IsCancellationRequested ? new ModelFailure(ModelFailureKind.TimedOut, MayBeBilled: true) : ModelException.Of(e).Failure;
            if (failure.MayBeBilled)
                await SettleAsync(reserved.Value!, most);
            else
                await ReleaseAsync(reserved.Value!);
            ct.ThrowIfCancellationRequested();
            AiMetrics.Failed(model.Provider, failure.Kind.ToString());
            activity?.SetStatus(ActivityStatusCode.Error, failure.Kind.ToString());
            if (failure.Kind == ModelFailureKind.Unreadable)
                LogUnreadable(model.Provider, e.GetType().Name);
            return ModelReply.Failed(failure);
        }
    }

    // The call is over, whatever becomes of the caller; and an answer that is paid for is not thrown away because accounting fails. The reservation then stands
    // until it expires.
    private async Task SettleAsync(Reservation reservation, TokenUsage usage)
    {
        try
        {
            await ledger.SettleAsync(reservation, usage, model.Provider, model.Name, model.Price.Micros(usage));
        }
        catch (Exception e) when (DatabaseFailure.IsUnavailable(e))
        {
            LogNotSettled(reservation.Id);
        }
    }

    private async Task ReleaseAsync(Reservation reservation)
    {
        try
        {
            await ledger.ReleaseAsync(reservation.Id);
        }
        catch (Exception e) when (DatabaseFailure.IsUnavailable(e))
        {
            LogNotSettled(reservation.Id);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The reservation {ReservationId} could not be settled and stands until it expires")]
    private partial void LogNotSettled(Guid reservationId);

    [LoggerMessage(Level = LogLevel.Warning, Message = "An answer of the AI provider {Provider} could not be read ({Exception})")]
    private partial void LogUnreadable(string provider, string exception);
}
