using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Mneme.IntegrationTests.Aws;

/// <summary>
/// Checks Signature Version 4 as the receiving side does, from the request on the wire. Written from the documentation's steps and sharing nothing with our signer.
/// </summary>
internal static class StandInSignature
{
    public const string AccessKey = "AKIDTESTS";
    public const string SecretKey = "a/Secret+of=tests";
    public const string Token = "token/of+the=session";

    private static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(5);

    /// <returns>The service that it was signed for.</returns>
    /// <exception cref="AwsRefusalException">It is not signed, or not well.</exception>
    public static string Verify(HttpContext http, byte[] body, DateTimeOffset now)
    {
        var headers = http.Request.Headers;
        if (headers.Authorization.ToString().Split(' ', 2) is not ["AWS4-HMAC-SHA256", var rest])
            throw new AwsRefusalException("MissingAuthenticationTokenException", "Request is missing Authentication Token", 403);
        var parts = rest.Split(',').Select(part => part.Trim().Split('=', 2)).ToDictionary(part => part[0], part => part[1], StringComparer.Ordinal);
        if (parts["Credential"].Split('/') is not [AccessKey, var date, AwsStandIn.Region, var service, "aws4_request"] || headers["X-Amz-Security-Token"] != Token)
            throw new AwsRefusalException("UnrecognizedClientException", "The security token included in the request is invalid.", 403);

        var time = headers["X-Amz-Date"].ToString();
        if (!DateTimeOffset.TryParseExact(time, "yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var signedAt) || !time.StartsWith(date, StringComparison.Ordinal))
            throw new AwsRefusalException("IncompleteSignatureException", "Date in Credential scope does not match X-Amz-Date.", 403);
        if ((signedAt - now).Duration() > Tolerance)
            throw new AwsRefusalException("InvalidSignatureException", $"Signature {(signedAt < now ? "expired" : "not yet current")}: {time} is now outside the tolerance.", 403);

        var signed = parts["SignedHeaders"].Split(';');
        foreach (var name in headers.Keys.Select(name => name.ToLowerInvariant()).Where(name => name is "host" or "content-type" || name.StartsWith("x-amz-", StringComparison.Ordinal)))
        {
            if (!signed.Contains(name, StringComparer.Ordinal))
                throw new AwsRefusalException("InvalidSignatureException", $"The header {name} must be signed.", 403);
        }

        var target = http.Features.Get<IHttpRequestFeature>()!.RawTarget.Split('?', 2);
        var canonical = new StringBuilder().Append(http.Request.Method).Append('\n').Append(Encode(target[0])).Append('\n').Append(target.ElementAtOrDefault(1)).Append('\n');
        foreach (var name in signed)
            canonical.Append(name).Append(':').Append(headers[name].ToString().Trim()).Append('\n');
        canonical.Append('\n').Append(parts["SignedHeaders"]).Append('\n').Append(Convert.ToHexStringLower(SHA256.HashData(body)));
        var text = $"AWS4-HMAC-SHA256\n{time}\n{date}/{AwsStandIn.Region}/{service}/aws4_request\n{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(canonical.ToString())))}";

        var key = Encoding.UTF8.GetBytes("AWS4" + SecretKey);
        foreach (var step in new[] { date, AwsStandIn.Region, service, "aws4_request", text })
        {
            using var hmac = new HMACSHA256(key);
            key = hmac.ComputeHash(Encoding.UTF8.GetBytes(step));
        }

        return Convert.ToHexStringLower(key) == parts["Signature"]
            ? service
            : throw new AwsRefusalException("InvalidSignatureException", "The request signature we calculated does not match the signature you provided.", 403);
    }

    private static string Encode(string path)
    {
        var encoded = new StringBuilder();
        foreach (var octet in Encoding.UTF8.GetBytes(path))
        {
            if (octet == '/' || octet is >= (byte)'A' and <= (byte)'Z' or >= (byte)'a' and <= (byte)'z' or >= (byte)'0' and <= (byte)'9' or (byte)'-' or (byte)'.' or (byte)'_' or (byte)'~')
                encoded.Append((char)octet);
            else
                encoded.Append(CultureInfo.InvariantCulture, $"%{octet:X2}");
        }

        return encoded.ToString();
    }
}
