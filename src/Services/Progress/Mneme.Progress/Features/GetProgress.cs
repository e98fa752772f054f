using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Mneme.Platform.Domain;
using Mneme.Platform.Http;
using Mneme.Platform.Security;
using Mneme.Progress.Domain;
using Mneme.Progress.Infrastructure;

namespace Mneme.Progress.Features;

/// <param name="Points">All points earned.</param>
/// <param name="Level">From 1.</param>
/// <param name="PointsToNextLevel">How many points the next level is away.</param>
/// <param name="Streak">Days in a row as of now; 0 if the last streak is broken.</param>
/// <param name="LongestStreak">The longest streak ever.</param>
/// <param name="Today">The present date on the caller's calendar.</param>
/// <param name="ActionsToday">Reviews and completed topics of today.</param>
/// <param name="Last7Days">Sums of today and the six days before.</param>
/// <param name="Last30Days">Sums of today and the 29 days before.</param>
/// <param name="Activity">The last 30 days, oldest first, days without an action included.</param>
internal sealed record ProgressResponse(
    long Points, int Level, long PointsToNextLevel, int Streak, int LongestStreak, DateOnly Today, int ActionsToday, ActivitySum Last7Days, ActivitySum Last30Days,
    IReadOnlyList<ActivityDay> Activity);

internal sealed record ActivityDay(DateOnly Date, int Actions, int Points);

/// <param name="ActiveDays">Days with at least one action.</param>
/// <param name="Actions">Reviews and completed topics.</param>
/// <param name="Points">Points earned.</param>
internal sealed record ActivitySum(int ActiveDays, int Actions, int Points)
{
    public static ActivitySum Of(IReadOnlyCollection<ActivityDay> days) => new(days.Count(d => d.Actions > 0), days.Sum(d => d.Actions), days.Sum(d => d.Points));
}

internal static class GetProgress
{
    private const int ShownDays = 30;

    internal static void Map(IEndpointRouteBuilder api) => api.MapGet("/progress/me", Handle).Owned()
        .WithName("GetProgress").WithSummary("Points, level, streak and recent activity of the caller.").Produces<ProgressResponse>();

    /// <summary>Somebody who has done nothing yet, or whose registration is still on its way here, has no points and no streak.</summary>
    private static async Task<Outcome<ProgressResponse>> Handle(Actor actor, ProgressDb db, TimeProvider time, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var today = actor.LocalDate(now);
        var first = today.AddDays(1 - ShownDays);
        var found = await db.Profiles.AsNoTracking()
            .Where(p => p.Id == actor.UserId)
            .Select(p => new { Profile = p, db.Scores.First(s => s.UserId == p.Id).Points })
            .FirstOrDefaultAsync(ct);
        var days = await db.DailyActivity
            .Where(d => d.UserId == actor.UserId && d.LocalDate >= first && d.LocalDate <= today)
            .Select(d => new ActivityDay(d.LocalDate, d.Actions, d.Points))
            .ToDictionaryAsync(d => d.Date, ct);
        var activity = Enumerable.Range(0, ShownDays).Select(first.AddDays).Select(date => days.GetValueOrDefault(date) ?? new ActivityDay(date, 0, 0)).ToList();
        var (points, streak) = (found?.Points ?? 0, found?.Profile.ToStreak() ?? Streak.None);
        var level = Level.Of(points);
        return new ProgressResponse(
            points, level, Level.StartOf(level + 1) - points, streak.At(now, actor.TimeZone), streak.Longest, today, activity[^1].Actions,
            ActivitySum.Of(activity[^7..]), ActivitySum.Of(activity), activity);
    }
}
