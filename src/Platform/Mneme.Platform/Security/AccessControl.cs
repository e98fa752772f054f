using Microsoft.AspNetCore.Http;
using Mneme.Platform.Domain;
using Mneme.Platform.Http;

namespace Mneme.Platform.Security;

/// <summary>
/// Establishes the caller from the bearer token, and admits or refuses by the operation's <see cref="OwnershipMetadata"/>. A token that does not hold is
/// ignored where none is needed: logging in again works with an old token still in hand.
/// </summary>
internal sealed class AccessControl(RequestDelegate next, AccessTokenVerifier verifier)
{
    private const string Scheme = "Bearer ";

    public Task InvokeAsync(HttpContext context)
    {
        var header = context.Request.Headers.Authorization.ToString();
        if (header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            if (verifier.Verify(header.AsSpan(Scheme.Length).Trim()) is { } principal)
                context.User = principal;
            else if (context.GetEndpoint()?.Metadata.GetMetadata<OwnershipMetadata>() is { Ownership: not Ownership.Public })
                return Refuse(context, Problem.Unauthenticated("invalid-token", "The access token is not valid, or not any more. Refresh it or sign in again."));
        }

        return context.GetEndpoint()?.Metadata.GetMetadata<OwnershipMetadata>()?.Ownership switch
        {
            null or Ownership.Public => next(context),
            _ when context.User is not ActorPrincipal => Refuse(context, Problem.Unauthenticated("no-token", "Send an access token: Authorization: Bearer ….")),
            Ownership.Admin when !((ActorPrincipal)context.User).Actor.IsAdmin => Refuse(context, Problem.Forbidden("admins-only", "This operation is for administrators.")),
            _ => next(context),
        };
    }

    private static Task Refuse(HttpContext context, Problem problem) => OutcomeResult.Of(problem).ExecuteAsync(context);
}
