using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Mneme.Platform.Http;

/// <summary>
/// Security headers of every response. A response begins as the API's, which may load nothing and be kept nowhere; a page in HTML widens that for itself
/// with <see cref="AllowPage"/>.
/// </summary>
public static class ResponseHeaders
{
    // StringValues are made once: setting a header then allocates nothing.
    private static readonly StringValues NoStore = "no-store";
    private static readonly StringValues ApiPolicy = "default-src 'none'; frame-ancestors 'none'";
    private static readonly StringValues NoSniff = "nosniff";
    private static readonly StringValues Referrer = "strict-origin-when-cross-origin";
    private static readonly StringValues SameOrigin = "same-origin";
    private static readonly StringValues Permissions = "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()";
    private static readonly StringValues Hsts = "max-age=31536000; includeSubDomains";

    internal static void Apply(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.CacheControl = NoStore;
        headers.ContentSecurityPolicy = ApiPolicy;
        headers.XContentTypeOptions = NoSniff;
        headers["Referrer-Policy"] = Referrer;
        headers["Cross-Origin-Opener-Policy"] = SameOrigin;
        headers["Permissions-Policy"] = Permissions;
        if (context.Request.IsHttps)
            headers.StrictTransportSecurity = Hsts;
    }

    /// <summary>Lets the response be a page: scripts, styles, images and fonts of this origin, and inline ones that carry the nonce.</summary>
    /// <returns>The nonce for this response's inline scripts and styles.</returns>
    public static string AllowPage(HttpContext context)
    {
        var nonce = Convert.ToBase64String(RandomNumberGenerator.GetBytes(16));
        context.Response.Headers.ContentSecurityPolicy =
            $"default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data: blob:; font-src 'self'; "
            + "connect-src 'self'; media-src 'self' blob:; manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; "
            + "object-src 'none'; frame-ancestors 'none'";
        return nonce;
    }
}
