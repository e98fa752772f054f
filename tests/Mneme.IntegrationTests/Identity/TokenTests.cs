using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Mneme.Identity.Infrastructure;
using Mneme.IntegrationTests.Support;

namespace Mneme.IntegrationTests.Identity;

public sealed class TokenTests(SharedApplication shared)
{
    // One for all: registering costs a password's hash.
    private static readonly Lock Turn = new();
    private static Task<Account>? _account;

    [Fact]
    public async Task Access_tokens_verify_with_the_published_keys()
    {
        var account = await AccountAsync();
        var header = Jwt.Header(account.Token);
        header.AsObject().Select(h => h.Key).ShouldBe(["alg", "typ", "kid"], ignoreOrder: true);
        (header.Text("alg"), header.Text("typ")).ShouldBe(("ES256", "at+jwt"));
        using var client = new HttpClient { BaseAddress = shared.App.Address };
        var response = await client.GetAsync(".well-known/jwks.json");
        response.Headers.CacheControl!.Public.ShouldBeTrue();
        var jwk = (await response.JsonAsync())["keys"]!.AsArray().Single(k => k!.Text("kid") == header.Text("kid"))!;
        jwk.AsObject().Select(k => k.Key).ShouldBe(["kty", "crv", "x", "y", "kid", "use", "alg"], ignoreOrder: true);
        Jwt.Verify(account.Token, jwk).ShouldBeTrue();

        var payload = Jwt.Payload(account.Token);
        payload.AsObject().Select(c => c.Key).ShouldBe(["iss", "aud", "sub", "scope", "role", "sid", "zoneinfo", "auth_time", "iat", "exp", "jti"], ignoreOrder: true);
        payload.Text("sub").ShouldBe(account.Id.ToString());
        payload.Text("zoneinfo").ShouldBe("Europe/Berlin");
        payload["scope"]!.AsArray().ShouldNotBeEmpty();
        (payload["exp"]!.GetValue<long>() - payload["iat"]!.GetValue<long>()).ShouldBe(600);
    }

    [Theory]
    [InlineData("alg none")]
    [InlineData("alg none, unsigned")]
    [InlineData("HS256 with the public key")]
    [InlineData("another key under our kid")]
    [InlineData("another key in jwk")]
    [InlineData("another key at jku")]
    [InlineData("unknown kid")]
    [InlineData("no kid")]
    [InlineData("wrong typ")]
    [InlineData("changed role")]
    [InlineData("ASN.1 signature")]
    [InlineData("signature of zeros")]
    [InlineData("malformed base64")]
    [InlineData("malformed signature")]
    [InlineData("malformed JSON")]
    [InlineData("two parts")]
    [InlineData("empty")]
    public async Task A_forged_token_is_refused_without_an_error(string forgery)
    {
        var account = await AccountAsync();
        (await Account.StatusOfMeAsync(shared.App, Forge(forgery, account.Token))).ShouldBe(HttpStatusCode.Unauthorized);
        (await Account.StatusOfMeAsync(shared.App, account.Token)).ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("iss", "https://elsewhere.example")]
    [InlineData("aud", "another")]
    [InlineData("exp", 1_000_000_000L)]
    [InlineData("iat", 32_000_000_000L)]
    public async Task A_token_with_a_wrong_claim_is_refused_although_it_is_signed_rightly(string claim, object value)
    {
        var account = await AccountAsync();
        var (header, payload) = (Jwt.Header(account.Token), Jwt.Payload(account.Token));
        var key = await shared.App.Services.GetRequiredService<KeyRing>().CurrentAsync(CancellationToken.None);
        (await Account.StatusOfMeAsync(shared.App, Jwt.SignEs256(header, payload, key.Key))).ShouldBe(HttpStatusCode.OK);
        payload[claim] = value is long number ? JsonValue.Create(number) : JsonValue.Create((string)value);
        (await Account.StatusOfMeAsync(shared.App, Jwt.SignEs256(header, payload, key.Key))).ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Theory]
    [InlineData("JWT")]
    [InlineData("at+JWT+x")]
    [InlineData("")]
    public async Task A_token_of_another_type_is_refused_although_it_is_signed_rightly(string type)
    {
        var account = await AccountAsync();
        var header = Jwt.Header(account.Token);
        header["typ"] = type;
        var key = await shared.App.Services.GetRequiredService<KeyRing>().CurrentAsync(CancellationToken.None);
        (await Account.StatusOfMeAsync(shared.App, Jwt.SignEs256(header, Jwt.Payload(account.Token), key.Key))).ShouldBe(HttpStatusCode.Unauthorized);
    }

    private Task<Account> AccountAsync()
    {
        lock (Turn)
            return _account ??= Account.RegisterAsync(shared.App);
    }

    private static string Forge(string forgery, string token)
    {
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var (header, payload) = (Jwt.Header(token), Jwt.Payload(token));
        var parts = token.Split('.');
        var point = other.ExportParameters(includePrivateParameters: false).Q;
        switch (forgery)
        {
            case "alg none":
                header["alg"] = "none";
                return $"{Jwt.Encode(header)}.{parts[1]}.{parts[2]}";
            case "alg none, unsigned":
                header["alg"] = "none";
                return $"{Jwt.Encode(header)}.{parts[1]}.";
            case "HS256 with the public key":
                header["alg"] = "HS256";
                return Jwt.SignHs256(header, payload, Encoding.ASCII.GetBytes(other.ExportSubjectPublicKeyInfoPem()));
            case "another key under our kid":
                return Jwt.SignEs256(header, payload, other);
            case "another key in jwk":
                header["jwk"] = new JsonObject { ["kty"] = "EC", ["crv"] = "P-256", ["x"] = System.Buffers.Text.Base64Url.EncodeToString(point.X), ["y"] = System.Buffers.Text.Base64Url.EncodeToString(point.Y) };
                return Jwt.SignEs256(header, payload, other);
            case "another key at jku":
                header["jku"] = "https://evil.example/jwks.json";
                header["x5u"] = "https://evil.example/cert.pem";
                return Jwt.SignEs256(header, payload, other);
            case "unknown kid":
                header["kid"] = "made-up";
                return Jwt.SignEs256(header, payload, other);
            case "no kid":
                header.AsObject().Remove("kid");
                return Jwt.SignEs256(header, payload, other);
            case "wrong typ":
                header["typ"] = "JWT";
                return $"{Jwt.Encode(header)}.{parts[1]}.{parts[2]}";
            case "changed role":
                payload["role"] = "ADMIN";
                return $"{parts[0]}.{Jwt.Encode(payload)}.{parts[2]}";
            case "ASN.1 signature":
                return $"{parts[0]}.{parts[1]}.{System.Buffers.Text.Base64Url.EncodeToString(other.SignData(Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence))}";
            case "signature of zeros":
                return $"{parts[0]}.{parts[1]}.{System.Buffers.Text.Base64Url.EncodeToString(new byte[64])}";
            case "malformed base64":
                return $"{parts[0]}.{parts[1]}x!.{parts[2]}";
            case "malformed signature":
                return $"{parts[0]}.{parts[1]}.{parts[2][..^1]}";
            case "malformed JSON":
                return $"{System.Buffers.Text.Base64Url.EncodeToString("{"u8)}.{parts[1]}.{parts[2]}";
            case "two parts":
                return $"{parts[0]}.{parts[1]}";
            case "empty":
                return "..";
            default:
                throw new ArgumentOutOfRangeException(nameof(forgery), forgery, "There is no such forgery.");
        }
    }
}
