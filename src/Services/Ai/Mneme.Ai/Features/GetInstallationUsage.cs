using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Mneme.Ai.Infrastructure;
using Mneme.Platform.Domain;
using Mneme.Platform.Http;

namespace Mneme.Ai.Features;

/// <param name="Today">The installation's budget of the present UTC day.</param>
/// <param name="Days">What all users together spent on which model in the last 30 days, newest first.</param>
/// <param name="TopUsers">Who spent most today: at most 50.</param>
/// <param name="Currency">Currency of all costs.</param>
internal sealed record InstallationUsageResponse(
    BudgetResponse Today, IReadOnlyList<InstallationUsageDayResponse> Days, IReadOnlyList<UserUsageResponse> TopUsers, string Currency);

internal sealed record InstallationUsageDayResponse(DateOnly Day, string Provider, string Model, long Users, long Calls, long InputTokens, long OutputTokens, decimal Cost);

internal sealed record UserUsageResponse(Guid UserId, long TokensSpent, long TokensReserved, decimal CostSpent);

/// <summary>What the whole installation spent.</summary>
internal static class GetInstallationUsage
{
    private const int Top = 50;

    internal static void Map(IEndpointRouteBuilder api) => api.MapGet("/admin/ai/usage", Handle).AdminOnly()
        .WithName("GetInstallationAiUsage").WithSummary("What all users together have spent on AI models in the last 30 days, and who spent most today").Produces<InstallationUsageResponse>();

    internal static async Task<Outcome<InstallationUsageResponse>> Handle(AiDb db, AiOptions options, TimeProvider time, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var today = BudgetLedger.Today(now);
        var since = today.AddDays(1 - GetUsage.Days);
        var counters = await db.BudgetDays.AsNoTracking().FirstOrDefaultAsync(b => b.OwnerId == BudgetDay.Installation && b.Day == today, ct);
        var days = await db.UsageDays.Where(u => u.Day >= since)
            .GroupBy(u => new { u.Day, u.Provider, u.Model })
            .OrderByDescending(g => g.Key.Day).ThenBy(g => g.Key.Provider).ThenBy(g => g.Key.Model)
            .Select(g => new
            {
                g.Key.Day,
                g.Key.Provider,
                g.Key.Model,
                Users = g.LongCount(),
                Calls = g.Sum(u => u.Calls),
                InputTokens = g.Sum(u => u.InputTokens),
                OutputTokens = g.Sum(u => u.OutputTokens),
                Micros = g.Sum(u => u.Micros),
            })
            .ToListAsync(ct);
        var users = await db.BudgetDays.Where(b => b.Day == today && b.OwnerId != BudgetDay.Installation)
            .OrderByDescending(b => b.SpentMicros).ThenByDescending(b => b.SpentTokens).ThenBy(b => b.OwnerId).Take(Top)
            .Select(b => new UserUsageResponse(b.OwnerId, b.SpentTokens, b.ReservedTokens, Money.Of(b.SpentMicros)))
            .ToListAsync(ct);
        return new InstallationUsageResponse(
            BudgetResponse.Of(counters, options.InstallationTokensPerDay, options.InstallationMoneyPerDay, now),
            [.. days.Select(d => new InstallationUsageDayResponse(d.Day, d.Provider, d.Model, d.Users, d.Calls, d.InputTokens, d.OutputTokens, Money.Of(d.Micros)))],
            users, options.Currency);
    }
}
