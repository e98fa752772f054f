using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Mneme.Identity.Domain;
using Mneme.Identity.Infrastructure;
using Mneme.Platform.Domain;
using Mneme.Platform.Http;
using Mneme.Platform.Security;

namespace Mneme.Identity.Features;

internal sealed record MeResponse(
    Guid Id, string Email, string Name, string Role, string TimeZone, string Locale, bool PublicProfile, DateTimeOffset CreatedAt, long Version) : IVersioned
{
    public static MeResponse Of(User user) =>
        new(user.Id, user.Email!, user.Name, user.Role, user.TimeZone, user.Locale, user.IsPublic, user.CreatedAt, user.Version);
}

internal static class GetMe
{
    internal static void Map(IEndpointRouteBuilder api) => api.MapGet("/auth/me", Handle).Owned()
        .WithName("GetMe").WithSummary("Your account").Produces<MeResponse>();

    private static async Task<Outcome<MeResponse>> Handle(Actor actor, IdentityDb db, CancellationToken ct)
    {
        var me = await db.Users.Where(u => u.Id == actor.UserId)
            .Select(u => new MeResponse(u.Id, u.Email!, u.Name, u.Role, u.TimeZone, u.Locale, u.IsPublic, u.CreatedAt, u.Version))
            .SingleOrDefaultAsync(ct);
        return me is null ? Problem.NotFound("account") : me;
    }
}
