using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Mneme.Capture.Domain;
using Mneme.Capture.Infrastructure;
using Mneme.Capture.Pages;
using Mneme.Platform.Domain;
using Mneme.Platform.Http.Outgoing;
using Mneme.Platform.Jobs;

namespace Mneme.Capture.Features;

/// <summary>Fetches the page of a capture and hands its text on, or says why it could not.</summary>
internal static partial class FetchPage
{
    public const string Kind = "fetch-page";

    public static readonly JobPolicy Policy = new() { MaxAttempts = 3, RetryDelay = TimeSpan.FromSeconds(2), Timeout = TimeSpan.FromMinutes(2) };

    internal sealed record Work(Guid CaptureId, Guid UserId, int Attempt);

    /// <summary>One job for each attempt at a capture.</summary>
    public static Task EnqueueAsync(CaptureDb db, CapturedItem item, DateTimeOffset now, CancellationToken ct) =>
        db.EnqueueAsync(Kind, $"{item.Id}:{item.Attempt}", new Work(item.Id, item.UserId, item.Attempt), now, ct: ct);

    /// <summary>Whether so many of a person's pages wait that another must not; the caller holds the lock of their usage.</summary>
    public static async Task<Problem?> TooManyWaitAsync(CaptureDb db, Guid userId, CaptureOptions options, CancellationToken ct)
    {
        var waiting = await db.Captures.CountAsync(c => c.UserId == userId && c.Status == CaptureStatus.Pending && c.Type == CaptureType.Page && c.ExtractedText == null, ct);
        return waiting < options.MaxPendingPagesPerUser
            ? null
            : Problem.TooManyRequests(TimeSpan.FromMinutes(1), $"{options.MaxPendingPagesPerUser} of your pages are waiting to be fetched. Wait until some are done.");
    }

    public static async Task Run(
        Work work, JobContext job, CaptureDb db, PageReader reader, CaptureOptions options, TimeProvider time, ILogger<CapturedItem> logger, CancellationToken ct)
    {
        if (await db.Captures.AsNoTracking().SingleOrDefaultAsync(c => c.Id == work.CaptureId && c.UserId == work.UserId, ct) is not { } waiting || !waiting.AwaitsText(work.Attempt))
            return;
        var (page, failure) = await ReadAsync(waiting, reader, job, logger, ct);

        // Only now a connection is held again; the page took its time.
        await db.Database.BeginTransactionAsync(ct);
        var used = await db.LockUsageAsync(work.UserId, ct);
        if (await db.LockAsync(work.CaptureId, work.UserId, ct) is not { } item || !item.AwaitsText(work.Attempt))
            return;
        var size = StorageUsage.BytesOf(page?.Text);
        if (used + size > options.MaxBytesPerUser)
            failure = "Your captures take up all of your storage. Delete some that you do not need any more, then try again.";
        if (page is null || failure is not null)
        {
            item.Fail(work.Attempt, failure!, time.GetUtcNow());
            CaptureMetrics.PageRead("failed");
            return;
        }

        item.TakeText(work.Attempt, page.Text, page.Title, page.Language);
        await db.AddUsageAsync(work.UserId, size, ct);
        await db.SaveChangesAsync(ct);
        db.Publish(item.Captured(item.Version), time.GetUtcNow());
        CaptureMetrics.PageRead("read");
    }

    private static async Task<(ReadablePage? Page, string? Failure)> ReadAsync(CapturedItem item, PageReader reader, JobContext job, ILogger logger, CancellationToken ct)
    {
        try
        {
            return OutgoingAddress.TryParse(item.Content, out var address, out var problem) ? (await reader.ReadAsync(address, ct), null) : (null, problem);
        }
        catch (OutgoingException e) when (!e.IsTransient || job.IsLastAttempt)
        {
            LogNotFetched(logger, item.Id, e.Failure);
            return (null, e.Message);
        }
        catch (PageException e)
        {
            return (null, e.Message);
        }
        catch (Exception e) when (job.IsLastAttempt && e is not OperationCanceledException)
        {
            LogBroken(logger, item.Id, e);
            return (null, "The page could not be read. Capture the part that you want as text.");
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The page of capture {CaptureId} was not fetched: {Failure}")]
    private static partial void LogNotFetched(ILogger logger, Guid captureId, OutgoingFailure failure);

    [LoggerMessage(Level = LogLevel.Error, Message = "The page of capture {CaptureId} could not be read")]
    private static partial void LogBroken(ILogger logger, Guid captureId, Exception exception);
}
