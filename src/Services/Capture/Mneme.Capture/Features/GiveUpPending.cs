using Microsoft.EntityFrameworkCore;
using Mneme.Capture.Domain;
using Mneme.Capture.Infrastructure;

namespace Mneme.Capture.Features;

/// <summary>
/// Nobody answers for some captures: an event became a dead letter, or the database was away at the last attempt. They fail after a while, so that
/// they can be tried again; an answer that comes later all the same is still taken.
/// </summary>
internal static class GiveUpPending
{
    private const int BatchSize = 100;

    public static async Task Run(CaptureDb db, CaptureOptions options, TimeProvider time, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var since = now - options.GiveUpAfter;
        await db.Database.BeginTransactionAsync(ct);
        var forgotten = await db.Captures
            .FromSql($"select * from captures where status = 'PENDING' and status_at < {since} order by id limit {BatchSize} for update skip locked").ToListAsync(ct);
        foreach (var item in forgotten)
            item.Fail(item.Attempt, "It took too long. Try again.", now);
    }
}
