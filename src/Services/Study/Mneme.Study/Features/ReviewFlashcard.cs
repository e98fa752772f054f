using System.ComponentModel.DataAnnotations;
using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Mneme.Contracts.Study;
using Mneme.Platform.Domain;
using Mneme.Platform.Http;
using Mneme.Platform.Messaging;
using Mneme.Platform.Security;
using Mneme.Scheduling;
using Mneme.Study.Domain;
using Mneme.Study.Infrastructure;
using Npgsql;

namespace Mneme.Study.Features;

/// <param name="FlashcardId">The card that was reviewed.</param>
/// <param name="Quality">0 (blackout) to 5 (perfect); from 3 on it was remembered.</param>
/// <param name="DurationMs">How long the person took, in milliseconds.</param>
internal sealed record ReviewFlashcardRequest(
    Guid FlashcardId,
    [Range(Sm2.MinQuality, Sm2.MaxQuality)] int Quality,
    [Range(0, StudyLimits.DurationMs)] int? DurationMs = null);

internal static class ReviewFlashcard
{
    public static void Map(IEndpointRouteBuilder api) => api.MapPost("/flashcards/review", Handle).Owned().SingleStatement()
        .WithName("ReviewFlashcard").WithSummary("Review a flashcard; answers the card with its next review by SM-2").Produces<FlashcardResponse>();

    private static async Task<Outcome<FlashcardResponse>> Handle(ReviewFlashcardRequest request, Actor actor, StudyDb db, StudyOptions options, TimeProvider time, CancellationToken ct)
    {
        var calendar = options.CalendarIn(actor.TimeZone);
        await db.Database.OpenConnectionAsync(ct);
        try
        {
            var connection = (NpgsqlConnection)db.Database.GetDbConnection();
            if (await ReviewStatements.ReadAsync(connection, ReviewStatements.Read, actor.UserId, request.FlashcardId, ct) is not { } card)
                return Problem.NotFound("flashcard");
            if (await TryReviewAsync(connection, card, request, actor, calendar, time, ct) is { } reviewed)
                return reviewed;
            return await ReviewInTurnAsync(db, connection, request, actor, calendar, time, ct);
        }
        finally
        {
            // Back to the pool before the answer is written.
            await db.Database.CloseConnectionAsync();
        }
    }

    /// <summary>The card was changed between read and write: queue on its row, which needs a transaction and succeeds however many others do the same.</summary>
    private static async Task<Outcome<FlashcardResponse>> ReviewInTurnAsync(
        StudyDb db, NpgsqlConnection connection, ReviewFlashcardRequest request, Actor actor, StudyCalendar calendar, TimeProvider time, CancellationToken ct)
    {
        // With an Idempotency-Key there is a transaction already; then its owner commits it.
        await using var own = db.Database.CurrentTransaction is null ? await db.Database.BeginTransactionAsync(ct) : null;
        if (await ReviewStatements.ReadAsync(connection, ReviewStatements.ReadAndLock, actor.UserId, request.FlashcardId, ct) is not { } card)
            return Problem.NotFound("flashcard");
        var reviewed = await TryReviewAsync(connection, card, request, actor, calendar, time, ct)
            ?? throw new UnreachableException("A locked card cannot change.");
        if (own is not null)
            await own.CommitAsync(CancellationToken.None);
        return reviewed;
    }

    /// <returns>The card after the review, or null if it was changed since it was read.</returns>
    private static async Task<FlashcardResponse?> TryReviewAsync(
        NpgsqlConnection connection, FlashcardResponse card, ReviewFlashcardRequest request, Actor actor, StudyCalendar calendar, TimeProvider time, CancellationToken ct)
    {
        // Taken after the read, so that a card's log is in the order of its versions.
        var now = time.Now();
        var before = new CardMemory(new Sm2State((int)(card.EaseFactor * 100), card.Interval, card.Repetitions), card.NextReview, card.LastReviewedAt);
        var review = before.Review(request.Quality, now, calendar);
        var version = card.Version + 1;
        var reviewId = Guid.CreateVersion7(now);
        var reviewed = new FlashcardReviewed(
            actor.UserId, card.Id, card.TopicId, reviewId, request.Quality, now, actor.LocalDate(now), actor.TimeZone.Id, version);
        var envelope = EventEnvelope.Of(reviewed, StudyService.ServiceName, now, Activity.Current?.Id);
        if (!await ReviewStatements.WriteAsync(connection, card.Id, card.Version, review, request.Quality, request.DurationMs, reviewId, envelope, ct))
            return null;
        StudyMetrics.Reviewed(request.Quality);
        var (state, dueAt, _) = review.After;
        return card with
        {
            NextReview = dueAt,
            Interval = state.IntervalDays,
            EaseFactor = state.EaseFactor,
            Repetitions = state.Repetitions,
            Difficulty = CardMemory.DifficultyOf(state.EaseHundredths),
            LastReviewedAt = now,
            Version = version,
        };
    }
}
