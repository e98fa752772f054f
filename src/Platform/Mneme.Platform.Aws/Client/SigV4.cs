using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Mneme.Platform.Aws.Client;

/// <summary>What a request is signed with. A session's keys have a token.</summary>
internal sealed record AwsKeys(string AccessKey, string SecretKey, string? Token);

/// <summary>
/// AWS Signature Version 4 in the <c>Authorization</c> header
/// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html). Of our own, because the SDK's signer lives in a namespace that it calls
/// internal and wants the SDK's own requests.
/// </summary>
internal static partial class SigV4
{
    public const string DateHeader = "X-Amz-Date";
    public const string TokenHeader = "X-Amz-Security-Token";

    private const string Algorithm = "AWS4-HMAC-SHA256";

    public static string Timestamp(DateTimeOffset time) => time.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);

    /// <summary>The value of the request's <c>Authorization</c> header.</summary>
    /// <param name="keys">Who signs.</param>
    /// <param name="region">Such as eu-central-1.</param>
    /// <param name="service">The name that the service signs by, such as sqs.</param>
    /// <param name="timestamp">The value of <see cref="DateHeader"/>, which is one of <paramref name="headers"/>.</param>
    /// <param name="method">In capitals.</param>
    /// <param name="path">As it is sent, without segments that are empty or dots: services take these out before they sign, and we have none.</param>
    /// <param name="query">As it is sent, without the question mark.</param>
    /// <param name="headers">All that are signed, <c>Host</c> among them; the same name may come several times.</param>
    /// <param name="body">What is sent.</param>
    public static string Authorization(
        AwsKeys keys, string region, string service, string timestamp, string method, string path, string query, IEnumerable<KeyValuePair<string, string>> headers, ReadOnlySpan<byte> body)
    {
        var signed = headers.GroupBy(header => header.Key.ToLowerInvariant(), header => Spaces().Replace(header.Value.Trim(), " "), StringComparer.Ordinal)
            .OrderBy(header => header.Key, StringComparer.Ordinal).ToList();
        var names = string.Join(';', signed.Select(header => header.Key));
        var canonical = string.Join(
            '\n', method, CanonicalPath(path), CanonicalQuery(query), string.Concat(signed.Select(header => $"{header.Key}:{string.Join(',', header)}\n")), names,
            Convert.ToHexStringLower(SHA256.HashData(body)));
        var date = timestamp[..8];
        var scope = $"{date}/{region}/{service}/aws4_request";
        var text = $"{Algorithm}\n{timestamp}\n{scope}\n{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)))}";
        var key = new[] { date, region, service, "aws4_request" }.Aggregate(Encoding.UTF8.GetBytes("AWS4" + keys.SecretKey), Hmac);
        return $"{Algorithm} Credential={keys.AccessKey}/{scope}, SignedHeaders={names}, Signature={Convert.ToHexStringLower(Hmac(key, text))}";
    }

    private static byte[] Hmac(byte[] key, string text) => HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text));

    // Encoded once more than it is sent, as every service but S3 has it.
    private static string CanonicalPath(string path) => string.Join('/', path.Split('/').Select(Uri.EscapeDataString));

    private static string CanonicalQuery(string query) => string.Join(
        '&',
        query.Split('&', StringSplitOptions.RemoveEmptyEntries).Select(pair => pair.Split('=', 2))
            .Select(pair => (Name: Encoded(pair[0]), Value: Encoded(pair.ElementAtOrDefault(1) ?? "")))
            .OrderBy(pair => pair.Name, StringComparer.Ordinal).ThenBy(pair => pair.Value, StringComparer.Ordinal).Select(pair => $"{pair.Name}={pair.Value}"));

    private static string Encoded(string part) => Uri.EscapeDataString(Uri.UnescapeDataString(part));

    [GeneratedRegex(" {2,}", RegexOptions.NonBacktracking)]
    private static partial Regex Spaces();
}
