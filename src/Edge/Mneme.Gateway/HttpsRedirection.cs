using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;
using Mneme.Platform.Http;

namespace Mneme.Gateway;

/// <summary>With HTTPS on, the plain port only says where to go (308, which keeps method and body). Probes are answered, as load balancers ask them without TLS.</summary>
internal sealed class HttpsRedirection(RequestDelegate next, GatewayOptions options, HttpOptions http)
{
    private const int DefaultPort = 443;

    public Task InvokeAsync(HttpContext context)
    {
        if (context.Request.IsHttps || context.Request.Path.StartsWithSegments("/health", StringComparison.OrdinalIgnoreCase))
            return next(context);
        context.Response.StatusCode = StatusCodes.Status308PermanentRedirect;
        context.Response.Headers.Location = Target(context);
        return Task.CompletedTask;
    }

    private string Target(HttpContext context)
    {
        var request = context.Request;
        // A port of 0 was chosen by the system: the connection's own listener is not the one to go to, so the public address has to be configured then.
        var host = http.PublicUrl is { Scheme: "https" } known ? new HostString(known.Authority)
            : options.TlsPort is DefaultPort or 0 ? new HostString(request.Host.Host)
            : new HostString(request.Host.Host, options.TlsPort);
        return UriHelper.BuildAbsolute("https", host, request.PathBase, request.Path, request.QueryString);
    }
}
