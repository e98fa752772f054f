using Microsoft.AspNetCore.Http;
using Mneme.Platform.Domain;
using Mneme.Platform.Http;

namespace Mneme.Platform.Security;

/// <summary>
/// Admits or refuses the caller by the operation's <see cref="OwnershipMetadata"/>. A token that does not hold is ignored where none is needed:
/// logging in again works with an old token still in hand.
/// </summary>
internal sealed class AccessControl(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext context) => context.GetEndpoint()?.Metadata.GetMetadata<OwnershipMetadata>()?.Ownership switch
    {
        null or Ownership.Public => next(context),
        _ when context.User is not ActorPrincipal => Refuse(context, Unauthenticated(context)),
        Ownership.Admin when !((ActorPrincipal)context.User).Actor.IsAdmin => Refuse(context, Problem.Forbidden("admins-only", "This operation is for administrators.")),
        _ => next(context),
    };

    private static Problem Unauthenticated(HttpContext context) => BearerAuthentication.IsBearer(context.Request.Headers.Authorization.ToString())
        ? Problem.Unauthenticated("invalid-token", "The access token is not valid, or not any more. Refresh it or sign in again.")
        : Problem.Unauthenticated("no-token", "Send an access token: Authorization: Bearer ….");

    private static Task Refuse(HttpContext context, Problem problem) => OutcomeResult.Of(problem).ExecuteAsync(context);
}
