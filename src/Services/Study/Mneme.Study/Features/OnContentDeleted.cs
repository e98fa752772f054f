using Microsoft.EntityFrameworkCore;
using Mneme.Contracts.Capture;
using Mneme.Study.Infrastructure;

namespace Mneme.Study.Features;

/// <summary>Forgets a capture's text; what was made of it stays with its owner, without the link.</summary>
internal static class OnContentDeleted
{
    public static async Task Handle(ContentDeleted e, StudyDb db, TimeProvider time, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        // The row stays as a tombstone, also when the capture was never heard of. A worker that makes a topic of it holds the row, so its topic is unlinked below.
        await db.Database.ExecuteSqlAsync($"""
            insert into captured_texts (capture_id, user_id, attempt, deleted_at) values ({e.CaptureId}, {e.UserId}, 0, {now})
            on conflict (capture_id) do update set deleted_at = excluded.deleted_at, title = null, text = null, language = null, tags = default
            """, ct);
        await db.Database.ExecuteSqlAsync(
            $"update topics set capture_id = null, version = version + 1 where user_id = {e.UserId} and capture_id = {e.CaptureId}", ct);
        await db.Database.ExecuteSqlAsync(
            $"update flashcards set capture_id = null, version = version + 1 where user_id = {e.UserId} and capture_id = {e.CaptureId}", ct);
    }
}
