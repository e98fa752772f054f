using System.Buffers.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Mneme.Identity.Infrastructure;
using Mneme.Platform;
using Mneme.Platform.Http;

namespace Mneme.Identity.Features;

/// <summary>The public keys as a JWK Set (RFC 7517).</summary>
internal sealed record JwksResponse(IReadOnlyList<Jwk> Keys);

/// <summary>A public P-256 key (RFC 7518 6.2).</summary>
internal sealed record Jwk(string Kty, string Crv, string X, string Y, string Kid, string Use, string Alg)
{
    public static Jwk Of(SigningKey key)
    {
        var point = key.Key.ExportParameters(includePrivateParameters: false).Q;
        return new Jwk("EC", "P-256", Base64Url.EncodeToString(point.X), Base64Url.EncodeToString(point.Y), key.Id, "sig", "ES256");
    }
}

internal static class GetJwks
{
    internal static void Map(IEndpointRouteBuilder root) => root.MapGet("/.well-known/jwks.json", Handle).Public()
        .WithName("GetJwks").WithSummary("The keys that access tokens are signed with").Produces<JwksResponse>();

    private static IResult Handle(KeyRing keys) => new Cacheable(new JwksResponse([.. keys.Published.Select(Jwk.Of)]));

    /// <summary>Keys are published two days before they sign, so some minutes of age do no harm.</summary>
    private sealed class Cacheable(JwksResponse keys) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.Headers.CacheControl = "public, max-age=300";
            return httpContext.Response.WriteAsJsonAsync(keys, Json.Options, "application/json", httpContext.RequestAborted);
        }
    }
}
