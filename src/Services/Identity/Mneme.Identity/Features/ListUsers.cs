using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Mneme.Identity.Domain;
using Mneme.Identity.Infrastructure;
using Mneme.Platform.Domain;
using Mneme.Platform.Http;

namespace Mneme.Identity.Features;

/// <summary>An account as administrators see it.</summary>
internal sealed record UserResponse(Guid Id, string Email, string Name, string Role, bool Disabled, DateTimeOffset CreatedAt, long Version) : IVersioned
{
    public static UserResponse Of(User user) => new(user.Id, user.Email!, user.Name, user.Role, user.DisabledAt is not null, user.CreatedAt, user.Version);
}

internal static class ListUsers
{
    internal static void Map(IEndpointRouteBuilder api) => api.MapGet("/admin/users", Handle).AdminOnly()
        .WithName("ListUsers").WithSummary("Accounts in order of registration; those whose address begins with ?email=").Produces<Page<UserResponse>>();

    private static async Task<Outcome<Page<UserResponse>>> Handle(PageRequest page, IdentityDb db, CancellationToken ct, string? email = null)
    {
        var beginning = email is null ? null : EmailAddress.ParseBeginning(email);
        if (email is not null && beginning is null)
            return Problem.Invalid("email", $"must be the beginning of an e-mail address, of at most {EmailAddress.MaxLength} characters.");
        var after = page.AfterId;
        var pattern = beginning is null ? null : beginning.Replace("\\", "\\\\", StringComparison.Ordinal)
            .Replace("%", "\\%", StringComparison.Ordinal).Replace("_", "\\_", StringComparison.Ordinal) + "%";
        var users = await db.Users
            .Where(u => (after == null || u.Id > after) && (pattern == null || EF.Functions.Like(u.NormalizedEmail!, pattern, "\\")))
            .OrderBy(u => u.Id).Take(page.Limit + 1)
            .Select(u => new UserResponse(u.Id, u.Email!, u.Name, u.Role, u.DisabledAt != null, u.CreatedAt, u.Version))
            .ToListAsync(ct);
        return Page<UserResponse>.Of(users, page.Limit, u => u.Id.ToString());
    }
}
