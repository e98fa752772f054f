using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Mneme.Platform.Security;

namespace Mneme.IntegrationTests.Support;

/// <summary>Signs access tokens as Identity would, so that tests of other services need not register people.</summary>
public sealed class TestTokens : IVerificationKeys
{
    private const string KeyId = "test";

    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    /// <summary>The application's own keys, which keep working beside the test's.</summary>
    internal IVerificationKeys? Inner { get; set; }

    public ECDsa? Find(string keyId) => keyId == KeyId ? _key : Inner?.Find(keyId);

    public string Sign(Guid userId, string role, string timeZone, DateTimeOffset now, Guid? sessionId = null, Action<Dictionary<string, object>>? change = null)
    {
        var claims = new Dictionary<string, object>(StringComparer.Ordinal)
        {
            ["iss"] = new TokenOptions().Issuer,
            ["aud"] = new TokenOptions().Audience,
            ["sub"] = userId,
            ["role"] = role,
            ["sid"] = sessionId ?? Guid.NewGuid(),
            ["zoneinfo"] = timeZone,
            ["iat"] = now.ToUnixTimeSeconds(),
            ["exp"] = now.AddMinutes(10).ToUnixTimeSeconds(),
        };
        change?.Invoke(claims);
        return Sign(new Dictionary<string, object>(StringComparer.Ordinal) { ["alg"] = "ES256", ["typ"] = "at+jwt", ["kid"] = KeyId }, claims);
    }

    public string Sign(Dictionary<string, object> header, Dictionary<string, object> claims)
    {
        var content = $"{Encode(header)}.{Encode(claims)}";
        return $"{content}.{Base64Url.EncodeToString(_key.SignData(Encoding.ASCII.GetBytes(content), HashAlgorithmName.SHA256))}";
    }

    private static string Encode(object value) => Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(value));
}
