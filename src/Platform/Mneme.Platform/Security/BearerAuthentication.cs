using Microsoft.AspNetCore.Http;

namespace Mneme.Platform.Security;

/// <summary>
/// Establishes the caller from the bearer token. A token that does not hold leaves the caller anonymous; whether that is enough
/// is for <see cref="AccessControl"/> to say, after the rate limits that need to know who calls.
/// </summary>
internal sealed class BearerAuthentication(RequestDelegate next, AccessTokenVerifier verifier)
{
    private const string Scheme = "Bearer ";

    public Task InvokeAsync(HttpContext context)
    {
        var header = context.Request.Headers.Authorization.ToString();
        if (IsBearer(header) && verifier.Verify(header.AsSpan(Scheme.Length).Trim()) is { } principal)
            context.User = principal;
        return next(context);
    }

    internal static bool IsBearer(string header) => header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase);
}
