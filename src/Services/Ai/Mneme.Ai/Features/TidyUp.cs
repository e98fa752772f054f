using Microsoft.EntityFrameworkCore;
using Mneme.Ai.Infrastructure;

namespace Mneme.Ai.Features;

/// <summary>Gives back what died with a process, and drops what has been kept long enough.</summary>
internal static class TidyUp
{
    public static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    public static async Task Run(BudgetLedger ledger, AiDb db, AiOptions options, TimeProvider time, CancellationToken ct)
    {
        await ledger.ReleaseExpiredAsync(ct);
        var now = time.GetUtcNow();
        var answersSince = now - options.AnswerRetention;
        var usageSince = BudgetLedger.Today(now - options.UsageRetention);
        await db.Generations.Where(g => g.CreatedAt < answersSince).ExecuteDeleteAsync(ct);
        await db.UsageDays.Where(u => u.Day < usageSince).ExecuteDeleteAsync(ct);
        await db.BudgetDays.Where(b => b.Day < usageSince).ExecuteDeleteAsync(ct);
    }
}
