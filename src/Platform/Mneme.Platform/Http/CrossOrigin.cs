using System.Collections.Frozen;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Mneme.Platform.Http;

/// <summary>
/// Cross-origin calls from browsers, by an exact list of origins. No cookies: the API's caller is who holds the token. Only in the pipeline if origins are configured.
/// </summary>
internal sealed class CrossOrigin(RequestDelegate next, HttpOptions options)
{
    private static readonly StringValues Exposed = "ETag, Location, Retry-After, RateLimit, RateLimit-Policy, X-Correlation-Id, traceresponse, Idempotent-Replayed";
    private static readonly StringValues Methods = "GET, POST, PUT, PATCH, DELETE";
    private static readonly StringValues RequestHeaders = "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, X-Correlation-Id, traceparent, tracestate";
    private static readonly StringValues MaxAge = "7200";

    private readonly FrozenSet<string> _origins = options.CorsOriginList.ToFrozenSet(StringComparer.Ordinal);

    public Task InvokeAsync(HttpContext context)
    {
        var headers = context.Response.Headers;
        // Also without an Origin, and for a wrong one: a cache must not give one origin's answer to another.
        headers.Append("Vary", "Origin");
        var origin = context.Request.Headers.Origin.ToString();
        if (origin.Length == 0 || !_origins.Contains(origin))
            return next(context);
        headers.AccessControlAllowOrigin = origin;
        if (!HttpMethods.IsOptions(context.Request.Method) || context.Request.Headers.AccessControlRequestMethod.Count == 0)
        {
            headers.AccessControlExposeHeaders = Exposed;
            return next(context);
        }

        headers.AccessControlAllowMethods = Methods;
        headers.AccessControlAllowHeaders = RequestHeaders;
        headers.AccessControlMaxAge = MaxAge;
        context.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    }
}
