using System.Collections.Frozen;
using System.Net.Http.Headers;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Yarp.ReverseProxy.Transforms;
using Yarp.ReverseProxy.Transforms.Builder;

namespace Mneme.Gateway;

/// <summary>
/// What of a request's and an answer's headers passes. Hop-by-hop ones never do. <c>X-Forwarded-*</c> are the gateway's own, whatever the caller sent. Of an answer, what the
/// service says replaces what the gateway had prepared; the exceptions speak of the connection to the gateway and not of the answer.
/// </summary>
internal sealed class ForwardedHeaders : ITransformProvider
{
    /// <summary>Other proxies' names for what X-Forwarded-* say, and for the path: not believed here, and not passed to where they might be.</summary>
    private static readonly string[] ClientClaims =
        ["Forwarded", "X-Real-IP", "X-Client-IP", "True-Client-IP", "X-Forwarded-Port", "X-Forwarded-Server", "X-Forwarded-Ssl", "X-Original-URL", "X-Original-Host", "X-Rewrite-URL"];

    private static readonly FrozenSet<string> Kept = new[]
    {
        "Connection", "Keep-Alive", "Proxy-Connection", "Proxy-Authenticate", "Proxy-Authentication-Info", "Transfer-Encoding", "TE", "Trailer", "Upgrade", "Alt-Svc", "HTTP2-Settings",
        "Date", "Server", "Strict-Transport-Security", "RateLimit", "RateLimit-Policy", "traceresponse", "X-Correlation-Id",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    public void ValidateRoute(TransformRouteValidationContext context)
    {
    }

    public void ValidateCluster(TransformClusterValidationContext context)
    {
    }

    public void Apply(TransformBuilderContext context)
    {
        context.CopyResponseHeaders = false;
        context.AddXForwarded(ForwardedTransformActions.Set);
        context.AddRequestTransform(request =>
        {
            foreach (var name in ClientClaims)
                request.ProxyRequest.Headers.Remove(name);
            return ValueTask.CompletedTask;
        });
        context.AddResponseTransform(answer =>
        {
            if (answer.ProxyResponse is { } response)
                Copy(response, answer.HttpContext.Response.Headers);
            return ValueTask.CompletedTask;
        });
    }

    internal static void Copy(HttpResponseMessage response, IHeaderDictionary headers)
    {
        Copy(response.Headers.NonValidated, headers);
        Copy(response.Content.Headers.NonValidated, headers);
        // Both together are how answers are smuggled (RFC 9112 §6.3): the chunks count.
        if (response.Headers.NonValidated.Contains("Transfer-Encoding"))
            headers.ContentLength = null;
    }

    private static void Copy(HttpHeadersNonValidated from, IHeaderDictionary to)
    {
        foreach (var (name, values) in from)
        {
            if (Kept.Contains(name))
                continue;
            var given = values.Count == 1 ? new StringValues(values.ToString()) : new StringValues([.. values]);
            // A cache must heed what the gateway's answer depends on as well as what the service's does.
            to[name] = name.Equals("Vary", StringComparison.OrdinalIgnoreCase) ? new StringValues([.. to.Vary.Concat(given).Distinct(StringComparer.OrdinalIgnoreCase)]) : given;
        }
    }
}
