using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Mneme.Identity.Domain;
using Mneme.Platform;
using Mneme.Platform.Security;

namespace Mneme.Identity.Infrastructure;

/// <param name="Text">The token.</param>
/// <param name="ExpiresIn">Seconds.</param>
internal readonly record struct AccessToken(string Text, int ExpiresIn);

/// <summary>Signs access tokens: JWTs (RFC 7519) of type <c>at+jwt</c> (RFC 9068), with ES256 (RFC 7518).</summary>
internal sealed class AccessTokens(KeyRing keys, TokenOptions options, TimeProvider time)
{
    /// <summary>JWS wants r and s side by side (RFC 7518 3.4), not ASN.1.</summary>
    public const DSASignatureFormat SignatureFormat = DSASignatureFormat.IeeeP1363FixedFieldConcatenation;

    private static readonly string[] Scope = ["api"];

    /// <summary>
    /// After so long no access token of a session that ends now is alive: the longest life that may be configured, because it may have been another when the
    /// token was signed, and the verifiers' skew.
    /// </summary>
    public static readonly TimeSpan LongestLife = TimeSpan.FromMinutes(11);

    public async ValueTask<AccessToken> SignAsync(Guid userId, string role, string timeZone, Session session, CancellationToken ct)
    {
        var key = await keys.CurrentAsync(ct);
        var now = time.GetUtcNow();
        var life = session.ExpiresAt - now < options.AccessLifetime ? session.ExpiresAt - now : options.AccessLifetime;
        var claims = new Claims(
            options.Issuer, options.Audience, userId, Scope, role, session.Id, timeZone, session.StartedAt.ToUnixTimeSeconds(), now.ToUnixTimeSeconds(),
            (now + life).ToUnixTimeSeconds(), Guid.CreateVersion7(now));
        // Written out, because the serialiser would escape the plus sign.
        var header = Encoding.ASCII.GetBytes($$"""{"alg":"ES256","typ":"at+jwt","kid":"{{key.Id}}"}""");
        var content = $"{Base64Url.EncodeToString(header)}.{Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(claims, Json.Options))}";
        var signature = key.Key.SignData(Encoding.ASCII.GetBytes(content), HashAlgorithmName.SHA256, SignatureFormat);
        return new AccessToken($"{content}.{Base64Url.EncodeToString(signature)}", (int)life.TotalSeconds);
    }

    private sealed record Claims(
        string Iss, string Aud, Guid Sub, string[] Scope, string Role, Guid Sid, string Zoneinfo,
        [property: JsonPropertyName("auth_time")] long AuthTime, long Iat, long Exp, Guid Jti);
}
