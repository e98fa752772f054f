using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Mneme.Contracts.Ai;
using Mneme.Contracts.Study;
using Mneme.Platform.Domain;
using Mneme.Platform.Jobs;
using Mneme.Platform.Messaging;
using Mneme.Platform.Persistence;
using Mneme.Study.Domain;
using Mneme.Study.Infrastructure;

namespace Mneme.Study.Features;

/// <summary>Makes a topic with flashcards of one attempt at a capture. The text is in the database, not in here.</summary>
internal sealed record GenerationJob(Guid CaptureId, int Attempt);

/// <summary>
/// Has a captured text made into a topic with flashcards, and tells the outcome. A model may take minutes, so no connection is held while it works; the topic, the event
/// and the job's completion are committed together.
/// </summary>
internal static partial class GenerateTopic
{
    public const string Kind = "generate-topic";

    private const int MaxTextLength = 200_000;
    private const int MaxTitleLength = 300;
    private const int MaxLanguageLength = 35;
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(5);

    public static async Task Run(GenerationJob payload, JobContext job, StudyDb db, IAsk ask, TimeProvider time, ILogger<StudyService> logger, CancellationToken ct)
    {
        try
        {
            await GenerateAsync(payload, job, db, ask, time, ct);
        }
        catch (Exception e) when (job.IsLastAttempt && !ct.IsCancellationRequested && !DatabaseFailure.IsUnavailable(e))
        {
            // Nobody would ever tell the person otherwise.
            LogGivenUp(logger, payload.CaptureId, payload.Attempt, e);
            if (db.Database.CurrentTransaction is not null)
                await db.Database.RollbackTransactionAsync(ct);
            db.ChangeTracker.Clear();
            const string Reason = "The flashcards could not be made because something went wrong here. It has been logged; try the capture again later.";
            await FinishAsync(payload, db, capture => Fail(capture, Reason, db, time), ct);
        }
    }

    private static async Task GenerateAsync(GenerationJob payload, JobContext job, StudyDb db, IAsk ask, TimeProvider time, CancellationToken ct)
    {
        var (captureId, attempt) = payload;
        // Nothing to do if the capture or its owner is gone, a later attempt has come, or an earlier run was interrupted after its commit.
        if (await db.CapturedTexts.AsNoTracking().SingleOrDefaultAsync(c => c.CaptureId == captureId && c.Attempt == attempt && c.Text != null, ct) is not { } capture)
            return;
        if (await db.Topics.AsNoTracking().SingleOrDefaultAsync(topic => topic.CaptureId == captureId, ct) is { } existing)
        {
            var cards = await db.Flashcards.AsNoTracking().Where(card => card.UserId == existing.UserId && card.TopicId == existing.Id).Select(card => card.GeneratedBy).ToListAsync(ct);
            await FinishAsync(payload, db, _ => Tell(existing, attempt, cards.Count, cards.OfType<string>().FirstOrDefault() ?? "", db, time), ct);
            return;
        }

        if (Reject(capture) is { } reason)
        {
            await FinishAsync(payload, db, locked => Fail(locked, reason, db, time), ct);
            return;
        }

        var outcome = await ask.Ask(
            new GenerateFlashcards(
                capture.UserId, job.Id.ToString(), capture.Text!, capture.Language is { Length: <= MaxLanguageLength } language ? language : null,
                Blank.ToNull(capture.Title) is { } title ? Text.Clip(title, MaxTitleLength) : null, Count: null),
            ct);
        if (outcome.Problem is { } problem)
        {
            if (IsTransient(problem) && !job.IsLastAttempt)
                throw new GenerationDelayedException(problem);
            await FinishAsync(payload, db, locked => Fail(locked, ReasonOf(problem), db, time), ct);
            return;
        }

        await FinishAsync(payload, db, locked => Keep(locked, outcome.Value!, db, time), ct);
    }

    /// <summary>
    /// Does the last step in a transaction that holds the capture's row: deletion and erasure come before it, and then nothing is made, or after it. The platform
    /// commits it with the job's completion.
    /// </summary>
    private static async Task FinishAsync(GenerationJob payload, StudyDb db, Action<CapturedText> finish, CancellationToken ct)
    {
        await db.Database.BeginTransactionAsync(ct);
        var capture = await db.CapturedTexts
            .FromSql($"select * from captured_texts where capture_id = {payload.CaptureId} and attempt = {payload.Attempt} and text is not null for update")
            .SingleOrDefaultAsync(ct);
        if (capture is null)
            return;
        finish(capture);
        capture.Finish();
        await db.SaveChangesAsync(ct);
    }

    private static void Keep(CapturedText capture, GeneratedFlashcards generated, StudyDb db, TimeProvider time)
    {
        // A model's answer is checked like any input; a card that does not fit is left out.
        var fitting = generated.Cards.Where(card => Fits(card.Front) && Fits(card.Back)).ToList();
        if (fitting.Count == 0)
        {
            Fail(capture, "No flashcards could be made of this text. Capture a passage that explains something, in whole sentences.", db, time);
            return;
        }

        var now = time.Now();
        var name = Blank.ToNull(capture.Title) ?? Blank.ToNull(generated.Title) ?? fitting[0].Back;
        var topic = new Topic(Guid.CreateVersion7(now), capture.UserId, Text.Clip(name.Trim(), StudyLimits.TopicName), description: null, capture.Tags, now, capture.CaptureId);
        db.Topics.Add(topic);
        // A millisecond apart, so that the ids, by which cards are listed, keep the order of the text.
        db.Flashcards.AddRange(fitting.Select((card, index) => Flashcard.Generate(
            Guid.CreateVersion7(now.AddMilliseconds(index)), topic, card.Front, card.Back, Fits(card.Source) ? card.Source : null, generated.Provider, now)));
        Tell(topic, capture.Attempt, fitting.Count, generated.Provider, db, time);
        StudyMetrics.Generated(fitting.Count, generated.Provider);
    }

    private static void Tell(Topic topic, int attempt, int cards, string provider, StudyDb db, TimeProvider time) =>
        db.Publish(new ContentProcessed(topic.UserId, topic.CaptureId!.Value, attempt, topic.Id, topic.Name, cards, provider, topic.Version), time.Now());

    private static void Fail(CapturedText capture, string reason, StudyDb db, TimeProvider time) =>
        db.Publish(new ContentFailed(capture.UserId, capture.CaptureId, capture.Attempt, reason, Version: 1), time.Now());

    private static bool Fits(string text) => !string.IsNullOrWhiteSpace(text) && text.Length <= StudyLimits.CardSide;

    private static string? Reject(CapturedText capture) => capture.Text switch
    {
        { Length: > MaxTextLength } => $"The text is longer than {MaxTextLength:N0} characters. Capture it in parts.",
        var text when string.IsNullOrWhiteSpace(text) => "There is no text to learn from. Capture some text.",
        _ => null,
    };

    /// <summary>Whether waiting as long as the job's retries do may help.</summary>
    private static bool IsTransient(Problem problem) =>
        problem.Kind == ProblemKind.Unavailable || problem.Kind == ProblemKind.TooManyRequests && !(problem.RetryAfter > LongestWait);

    private static string ReasonOf(Problem problem) => problem switch
    {
        { Code: "deadline-passed" } => "Making the flashcards took too long. Try the capture again later.",
        { Errors: { Count: > 0 } errors } => $"The text could not be used: {string.Join(" ", errors.SelectMany(error => error.Value))}",
        _ => problem.Detail,
    };

    [LoggerMessage(Level = LogLevel.Error, Message = "Gave up making flashcards of capture {CaptureId} (attempt {Attempt})")]
    private static partial void LogGivenUp(ILogger logger, Guid captureId, int attempt, Exception exception);

    /// <summary>Fails this run of the job, so that it is run again.</summary>
    private sealed class GenerationDelayedException(Problem problem) : Exception($"{problem.Code}: {problem.Detail}");
}
