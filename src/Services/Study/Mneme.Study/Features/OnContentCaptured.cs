using Microsoft.EntityFrameworkCore;
using Mneme.Contracts.Capture;
using Mneme.Platform.Jobs;
using Mneme.Study.Domain;
using Mneme.Study.Infrastructure;

namespace Mneme.Study.Features;

/// <summary>Keeps the captured text and has a topic made of it, by one job for each attempt.</summary>
internal static class OnContentCaptured
{
    public static async Task Handle(ContentCaptured e, StudyDb db, TimeProvider time, CancellationToken ct)
    {
        var tags = TagList.Fitting(e.Tags);
        var isNew = await db.Database.ExecuteSqlAsync($"""
            insert into captured_texts (capture_id, user_id, attempt, title, text, language, tags)
            values ({e.CaptureId}, {e.UserId}, {e.Attempt}, {e.Title}, {e.Text}, {e.Language}, {tags})
            on conflict (capture_id) do update
            set attempt = excluded.attempt, title = excluded.title, text = excluded.text, language = excluded.language, tags = excluded.tags
            where captured_texts.deleted_at is null and captured_texts.attempt < excluded.attempt
            """, ct) > 0;
        if (isNew)
            await db.EnqueueAsync(GenerateTopic.Kind, $"{e.CaptureId}:{e.Attempt}", new GenerationJob(e.CaptureId, e.Attempt), time.GetUtcNow(), ct: ct);
    }
}
