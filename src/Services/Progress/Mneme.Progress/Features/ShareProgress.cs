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

/// <param name="Text">What to post, in the language of the profile.</param>
/// <param name="Stats">The figures in it.</param>
/// <param name="Platforms">Addresses that open a prepared post.</param>
internal sealed record ShareResponse(string Text, ShareStats Stats, SharePlatforms Platforms);

internal sealed record ShareStats(long Points, int Level, int Streak, int LongestStreak);

internal sealed record SharePlatforms(string Twitter, string Linkedin);

internal static class ShareProgress
{
    internal static void Map(IEndpointRouteBuilder api) => api.MapGet("/share/{userId:guid}", Handle).Public()
        .WithName("ShareProgress").WithSummary("What somebody with a public profile may post about their progress; their own for everybody.")
        .Produces<ShareResponse>().ProducesProblem(StatusCodes.Status404NotFound);

    private static async Task<Outcome<ShareResponse>> Handle(Guid userId, Actor? actor, ProgressDb db, HttpOptions http, TimeProvider time, CancellationToken ct)
    {
        var isOwner = actor?.UserId == userId;
        var found = await db.Profiles.AsNoTracking()
            .Where(p => p.Id == userId && (p.IsPublic || isOwner))
            .Select(p => new { Profile = p, db.Scores.First(s => s.UserId == p.Id).Points })
            .FirstOrDefaultAsync(ct);
        if (found is null)
            return Problem.NotFound("public profile");
        var streak = found.Profile.ToStreak();
        var stats = new ShareStats(found.Points, Level.Of(found.Points), streak.At(time.GetUtcNow(), LocalTime.Zone(found.Profile.TimeZone)), streak.Longest);
        var text = ShareText.Of(stats, found.Profile.Locale);
        var home = http.PublicUrl ?? new Uri($"http://localhost:{http.Port}/");
        return new ShareResponse(text, stats, new SharePlatforms(ShareLinks.Twitter(text, home), ShareLinks.Linkedin(home)));
    }
}

/// <summary>Addresses that open a prepared post: X's web intent and LinkedIn's off-site sharing.</summary>
internal static class ShareLinks
{
    public static string Twitter(string text, Uri link) => $"https://twitter.com/intent/tweet?text={Uri.EscapeDataString(text)}&url={Uri.EscapeDataString(link.AbsoluteUri)}";

    public static string Linkedin(Uri link) => $"https://www.linkedin.com/sharing/share-offsite/?url={Uri.EscapeDataString(link.AbsoluteUri)}";
}
