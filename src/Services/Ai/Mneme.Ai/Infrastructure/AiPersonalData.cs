using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Mneme.Platform;
using Mneme.Platform.Security;

namespace Mneme.Ai.Infrastructure;

/// <summary>Answers, budgets and usage of a person. The installation's own counters name nobody and stay.</summary>
internal sealed class AiPersonalData(AiDb db) : IPersonalData
{
    public async Task<JsonNode?> ExportAsync(Guid userId, CancellationToken ct)
    {
        var usage = await db.UsageDays.AsNoTracking().Where(u => u.UserId == userId).OrderBy(u => u.Day).ThenBy(u => u.Model).ToListAsync(ct);
        var answers = await db.Generations.AsNoTracking().Where(g => g.UserId == userId).OrderBy(g => g.CreatedAt).ToListAsync(ct);
        var budgets = await db.BudgetDays.AsNoTracking().Where(b => b.OwnerId == userId).OrderBy(b => b.Day).ToListAsync(ct);
        if (usage.Count == 0 && answers.Count == 0 && budgets.Count == 0)
            return null;
        return new JsonObject
        {
            ["usage"] = JsonSerializer.SerializeToNode(
                usage.Select(u => new { u.Day, u.Provider, u.Model, u.Calls, u.InputTokens, u.OutputTokens, Cost = u.Micros / 1_000_000m }), Json.Options),
            ["budgets"] = JsonSerializer.SerializeToNode(
                budgets.Select(b => new { b.Day, TokensSpent = b.SpentTokens, CostSpent = b.SpentMicros / 1_000_000m }), Json.Options),
            ["generatedFlashcards"] = new JsonArray([.. answers.Select(g => new JsonObject
            {
                ["requestedAt"] = g.CreatedAt.ToString("O"),
                ["answer"] = g.Answer is null ? null : JsonNode.Parse(g.Answer),
            })]),
        };
    }

    public async Task EraseAsync(Guid userId, CancellationToken ct)
    {
        // In the order in which a call is settled, so that the two wait for each other at the reservation and never in a circle. The installation's counters
        // go on holding what calls in flight reserved: their reservations are left without an owner and settle or expire.
        await db.Database.ExecuteSqlAsync($"update reservations set user_id = {BudgetDay.Installation} where user_id = {userId}", ct);
        await db.BudgetDays.Where(b => b.OwnerId == userId).ExecuteDeleteAsync(ct);
        await db.UsageDays.Where(u => u.UserId == userId).ExecuteDeleteAsync(ct);
        await db.Generations.Where(g => g.UserId == userId).ExecuteDeleteAsync(ct);
    }
}
