using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Mneme.Channels.Domain;
using Mneme.Platform;

namespace Mneme.Channels.Infrastructure.Formats;

/// <summary>
/// Messages signed as Standard Webhooks says (standardwebhooks.com, 1.0.0): HMAC-SHA256 over id, time and body. Libraries for a dozen languages sign so.
/// </summary>
internal static class StandardWebhook
{
    /// <summary>How far the sender's clock may be from ours. A message that is older was perhaps overheard, and is refused; within it, its id makes it the same message.</summary>
    public static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(5);

    private const int MaxIdLength = 200;
    private const string Version = "v1,";

    /// <summary>The body: JSON with at least a text.</summary>
    /// <param name="Text">What it says.</param>
    /// <param name="Title">A headline.</param>
    /// <param name="Url">http or https address that it speaks of.</param>
    internal sealed record Payload(string Text, string? Title = null, string? Url = null);

    /// <returns>The sender's id of the message; null if the signature does not hold.</returns>
    public static string? Verify(Delivery delivery, ReadOnlySpan<byte> secret, DateTimeOffset now)
    {
        var id = delivery.Header("webhook-id");
        var timestamp = delivery.Header("webhook-timestamp");
        if (id.Length is 0 or > MaxIdLength || !IsRecent(timestamp, now))
            return null;
        Span<byte> expected = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(secret, [.. Encoding.UTF8.GetBytes($"{id}.{timestamp}."), .. delivery.Body], expected);
        // Several while the sender changes its secret; each is compared in constant time.
        Span<byte> given = stackalloc byte[HMACSHA256.HashSizeInBytes];
        var holds = false;
        foreach (var signature in delivery.Header("webhook-signature").Split(' ', 8))
        {
            if (signature.StartsWith(Version, StringComparison.Ordinal) && Convert.TryFromBase64String(signature[Version.Length..], given, out var length) && length == given.Length)
                holds |= CryptographicOperations.FixedTimeEquals(given, expected);
        }

        return holds ? id : null;
    }

    /// <exception cref="BadHttpRequestException">The body is not one.</exception>
    public static IncomingMessage? Read(string id, byte[] body)
    {
        try
        {
            var payload = JsonSerializer.Deserialize<Payload>(body, Json.Options) ?? throw new JsonException("The body is null.");
            return IncomingMessage.Of(id, payload.Title, payload.Text, payload.Url);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new BadHttpRequestException("""The body must be JSON such as {"text": "…", "title": "…", "url": "https://…"}; text is required.""", e);
        }
    }

    /// <summary>Whether a time in seconds since 1970 is within the tolerance.</summary>
    public static bool IsRecent(string unixSeconds, DateTimeOffset now) =>
        long.TryParse(unixSeconds, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
        && Math.Abs((decimal)seconds - now.ToUnixTimeSeconds()) <= (decimal)Tolerance.TotalSeconds;
}
