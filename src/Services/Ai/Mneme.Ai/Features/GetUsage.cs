using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Mneme.Ai.Infrastructure;
using Mneme.Platform.Domain;
using Mneme.Platform.Http;
using Mneme.Platform.Security;

namespace Mneme.Ai.Features;

/// <param name="Today">The budget of the present UTC day.</param>
/// <param name="Days">What was spent on which model in the last 30 days, newest first.</param>
/// <param name="Currency">Currency of all costs.</param>
internal sealed record UsageResponse(BudgetResponse Today, IReadOnlyList<UsageDayResponse> Days, string Currency);

/// <param name="Day">The UTC day.</param>
/// <param name="TokensSpent">Tokens used by calls that are over.</param>
/// <param name="TokensReserved">Tokens that calls in flight can use at most.</param>
/// <param name="TokenLimit">Tokens per day.</param>
/// <param name="CostSpent">Money for calls that are over.</param>
/// <param name="CostReserved">Money that calls in flight can cost at most.</param>
/// <param name="CostLimit">Money per day.</param>
/// <param name="ResetsAt">When the budget is renewed.</param>
internal sealed record BudgetResponse(
    DateOnly Day, long TokensSpent, long TokensReserved, long TokenLimit, decimal CostSpent, decimal CostReserved, decimal CostLimit, DateTimeOffset ResetsAt)
{
    public static BudgetResponse Of(BudgetDay? counters, long tokenLimit, decimal moneyLimit, DateTimeOffset now) => new(
        BudgetLedger.Today(now), counters?.SpentTokens ?? 0, counters?.ReservedTokens ?? 0, tokenLimit,
        Money.Of(counters?.SpentMicros ?? 0), Money.Of(counters?.ReservedMicros ?? 0), moneyLimit, BudgetLedger.ResetsAt(now));
}

internal sealed record UsageDayResponse(DateOnly Day, string Provider, string Model, long Calls, long InputTokens, long OutputTokens, decimal Cost);

internal static class Money
{
    public static decimal Of(long micros) => micros / 1_000_000m;
}

/// <summary>What a person spent, and what is left today.</summary>
internal static class GetUsage
{
    public const int Days = 30;

    internal static void Map(IEndpointRouteBuilder api) => api.MapGet("/ai/usage", Handle).Owned()
        .WithName("GetAiUsage").WithSummary("What you have spent on AI models in the last 30 days, and what is left of today's budget").Produces<UsageResponse>();

    internal static async Task<Outcome<UsageResponse>> Handle(Actor actor, AiDb db, AiOptions options, TimeProvider time, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var today = BudgetLedger.Today(now);
        var since = today.AddDays(1 - Days);
        var counters = await db.BudgetDays.AsNoTracking().FirstOrDefaultAsync(b => b.OwnerId == actor.UserId && b.Day == today, ct);
        var days = await db.UsageDays.Where(u => u.UserId == actor.UserId && u.Day >= since)
            .OrderByDescending(u => u.Day).ThenBy(u => u.Provider).ThenBy(u => u.Model)
            .Select(u => new UsageDayResponse(u.Day, u.Provider, u.Model, u.Calls, u.InputTokens, u.OutputTokens, Money.Of(u.Micros)))
            .ToListAsync(ct);
        return new UsageResponse(BudgetResponse.Of(counters, options.UserTokensPerDay, options.UserMoneyPerDay, now), days, options.Currency);
    }
}
