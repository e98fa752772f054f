using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Mneme.Identity.Domain;
using Mneme.Identity.Infrastructure;
using Mneme.Platform.Domain;
using Mneme.Platform.Http;
using Mneme.Platform.Security;

namespace Mneme.Identity.Features;

/// <summary>What is left out stays as it is.</summary>
internal sealed record UpdateUserRequest([AllowedValues(null, Roles.User, Roles.Teacher, Roles.Admin)] string? Role = null, bool? Disabled = null);

/// <summary>Changes what somebody may do. Their sessions end, because tokens carry the role.</summary>
internal static class UpdateUser
{
    internal static void Map(IEndpointRouteBuilder api) => api.MapPatch("/admin/users/{id:guid}", Handle).AdminOnly().OwnTransaction()
        .WithName("UpdateUser").WithSummary("Change somebody's role, or close and open their account").Produces<UserResponse>();

    private static async Task<Outcome<UserResponse>> Handle(
        Guid id, UpdateUserRequest request, IfMatch ifMatch, Actor actor, Caller caller, IdentityDb db, AccountChanges changes, CancellationToken ct)
    {
        var user = await db.Users.SingleOrDefaultAsync(u => u.Id == id, ct);
        if (user is null)
            return Problem.NotFound("account");
        if (!ifMatch.Allows(user.Version))
            return Problem.PreconditionFailed();
        return await changes.ApplyAsync(user, request.Role, request.Disabled, actor.UserId, caller.Address, ct) is { } problem ? problem : UserResponse.Of(user);
    }
}
