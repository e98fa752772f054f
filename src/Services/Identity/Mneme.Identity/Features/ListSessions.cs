using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Mneme.Identity.Infrastructure;
using Mneme.Platform.Domain;
using Mneme.Platform.Http;
using Mneme.Platform.Security;

namespace Mneme.Identity.Features;

/// <summary>A session, with the address and the client of its last use; <c>current</c> is the one that asks.</summary>
internal sealed record SessionResponse(Guid Id, DateTimeOffset StartedAt, DateTimeOffset LastUsedAt, string Address, string? UserAgent, bool Current);

internal static class ListSessions
{
    internal static void Map(IEndpointRouteBuilder api) => api.MapGet("/auth/sessions", Handle).Owned()
        .WithName("ListSessions").WithSummary("Where you are signed in, newest first").Produces<Page<SessionResponse>>();

    private static async Task<Outcome<Page<SessionResponse>>> Handle(PageRequest page, Actor actor, IdentityDb db, TimeProvider time, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var before = page.AfterId;
        var sessions = await db.Sessions
            .Where(s => s.UserId == actor.UserId && s.ExpiresAt > now && (before == null || s.Id < before))
            .OrderByDescending(s => s.Id).Take(page.Limit + 1)
            .Select(s => new SessionResponse(s.Id, s.StartedAt, s.LastUsedAt, s.Address, s.UserAgent, s.Id == actor.SessionId))
            .ToListAsync(ct);
        return Page<SessionResponse>.Of(sessions, page.Limit, s => s.Id.ToString());
    }
}
