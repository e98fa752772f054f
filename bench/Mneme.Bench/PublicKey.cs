using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;

namespace Mneme.Bench;

internal static class PublicKey
{
    /// <summary>The first key of a JWKS as base64 of its SubjectPublicKeyInfo.</summary>
    public static string FromJwks(string jwks)
    {
        var key = JsonSerializer.Deserialize<JsonElement>(jwks).GetProperty("keys")[0];
        using var ecdsa = ECDsa.Create(new ECParameters
        {
            Curve = ECCurve.NamedCurves.nistP256,
            Q = new ECPoint { X = Base64Url.DecodeFromChars(key.GetProperty("x").GetString()), Y = Base64Url.DecodeFromChars(key.GetProperty("y").GetString()) },
        });
        return Convert.ToBase64String(ecdsa.ExportSubjectPublicKeyInfo());
    }
}
