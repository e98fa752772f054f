using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Mneme.Identity.Infrastructure;
using Mneme.Platform.Domain;
using Mneme.Platform.Http;

namespace Mneme.Identity.Features;

/// <summary>An invitation without its code, which is not known here any more.</summary>
internal sealed record InvitationSummary(Guid Id, string? Email, string Role, Guid CreatedBy, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt, DateTimeOffset? UsedAt);

internal static class ListInvitations
{
    internal static void Map(IEndpointRouteBuilder api) => api.MapGet("/admin/invitations", Handle).AdminOnly()
        .WithName("ListInvitations").WithSummary("Invitations, newest first").Produces<Page<InvitationSummary>>();

    private static async Task<Outcome<Page<InvitationSummary>>> Handle(PageRequest page, IdentityDb db, CancellationToken ct)
    {
        var before = page.AfterId;
        var invitations = await db.Invitations
            .Where(i => before == null || i.Id < before)
            .OrderByDescending(i => i.Id).Take(page.Limit + 1)
            .Select(i => new InvitationSummary(i.Id, i.NormalizedEmail, i.Role, i.CreatedBy, i.CreatedAt, i.ExpiresAt, i.UsedAt))
            .ToListAsync(ct);
        return Page<InvitationSummary>.Of(invitations, page.Limit, i => i.Id.ToString());
    }
}
