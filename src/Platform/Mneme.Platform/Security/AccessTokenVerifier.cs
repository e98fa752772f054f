using System.Buffers.Binary;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Mneme.Platform.Security;

/// <summary>The public keys that access tokens are verified with. Where Identity runs it provides them; elsewhere it is asked for them.</summary>
public interface IVerificationKeys
{
    /// <summary>The key of this id, or null if it is not, or no longer, one of ours. May throw where nothing is known of keys yet; the caller reads 503.</summary>
    ECDsa? Find(string keyId);
}

/// <summary>
/// Verifies access tokens: JWTs (RFC 7519, RFC 9068) signed with ES256 and nothing else, whatever the header says (RFC 8725); issuer, audience, type and
/// times are exact up to 30 s of skew. Verified tokens are cached by their hash.
/// </summary>
public sealed class AccessTokenVerifier(IVerificationKeys keys, RevokedSessions revoked, TokenOptions options, TimeProvider time)
{
    private const int MaxTokenLength = 4096;
    private static readonly TimeSpan Skew = TimeSpan.FromSeconds(30);

    private readonly AccessTokenCache _cache = new();

    /// <summary>The caller whom a token names, or null if the token does not hold: forged, expired, revoked or not a token at all.</summary>
    public ActorPrincipal? Verify(ReadOnlySpan<char> token)
    {
        if (token.Length is 0 or > MaxTokenLength)
            return null;
        Span<byte> bytes = stackalloc byte[token.Length];
        if (!Ascii.IsValid(token) || Encoding.ASCII.GetBytes(token, bytes) != token.Length)
            return null;
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes, digest);
        var hash = new TokenHash(BinaryPrimitives.ReadUInt128BigEndian(digest), BinaryPrimitives.ReadUInt128BigEndian(digest[16..]));
        var now = time.GetUtcNow();
        if (_cache.Find(hash, now) is not { } verified)
        {
            if (!TryVerify(bytes, now, out verified))
                return null;
            _cache.Add(hash, verified);
        }

        return revoked.Contains(verified.Principal.Actor.SessionId) ? null : verified.Principal;
    }

    private bool TryVerify(ReadOnlySpan<byte> token, DateTimeOffset now, [NotNullWhen(true)] out VerifiedToken? verified)
    {
        verified = null;
        var headerEnd = token.IndexOf((byte)'.');
        var payloadEnd = token.LastIndexOf((byte)'.');
        if (headerEnd <= 0 || payloadEnd <= headerEnd)
            return false;
        // Base64Url throws on some malformed input instead of saying no, so it is asked first.
        var header = token[..headerEnd];
        var payload = token[(headerEnd + 1)..payloadEnd];
        var signature = token[(payloadEnd + 1)..];
        if (!Base64Url.IsValid(header) || !Base64Url.IsValid(payload) || !Base64Url.IsValid(signature))
            return false;
        try
        {
            var head = JsonSerializer.Deserialize<Header>(Base64Url.DecodeFromUtf8(header), Json.Options);
            if (head is not { Alg: "ES256", Typ: "at+jwt", Kid: { Length: > 0 } keyId } || keys.Find(keyId) is not { } key)
                return false;
            if (!key.VerifyData(token[..payloadEnd], Base64Url.DecodeFromUtf8(signature), HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation))
                return false;
            var claims = JsonSerializer.Deserialize<Claims>(Base64Url.DecodeFromUtf8(payload), Json.Options);
            if (claims is null || claims.Iss != options.Issuer || claims.Aud != options.Audience)
                return false;
            var expiresAt = DateTimeOffset.FromUnixTimeSeconds(claims.Exp) + Skew;
            if (expiresAt <= now || DateTimeOffset.FromUnixTimeSeconds(claims.Iat) - Skew > now)
                return false;
            var zone = claims.Zoneinfo is not null && TimeZoneInfo.TryFindSystemTimeZoneById(claims.Zoneinfo, out var found) ? found : TimeZoneInfo.Utc;
            var actor = new Actor(claims.Sub, claims.Role, claims.Sid, zone, DateTimeOffset.FromUnixTimeSeconds(claims.AuthTime ?? claims.Iat));
            verified = new VerifiedToken(new ActorPrincipal(actor), expiresAt);
            return true;
        }
        catch (Exception e) when (e is JsonException or FormatException or ArgumentException or CryptographicException)
        {
            return false;
        }
    }

    private sealed record Header(string? Alg = null, string? Typ = null, string? Kid = null);

    private sealed record Claims(
        string Iss, string Aud, Guid Sub, string Role, Guid Sid, long Iat, long Exp, string? Zoneinfo = null,
        [property: System.Text.Json.Serialization.JsonPropertyName("auth_time")] long? AuthTime = null);
}
