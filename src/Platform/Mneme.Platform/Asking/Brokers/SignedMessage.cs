using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;

namespace Mneme.Platform.Asking.Brokers;

/// <summary>
/// A message with a head, a body and a signature over both: the length of the head (4 bytes, big-endian), the head as JSON, the body, and 64 bytes of ECDSA on P-256 (r and s) over the SHA-256
/// of what kind of message it is and everything before. A signature for a request is none for a reply.
/// </summary>
/// <param name="Head">What it says about itself.</param>
/// <param name="Body">What it carries.</param>
/// <param name="Hash">What was signed.</param>
/// <param name="Signature">By whoever the head names.</param>
internal sealed record SignedMessage<THead>(THead Head, ReadOnlyMemory<byte> Body, byte[] Hash, ReadOnlyMemory<byte> Signature)
    where THead : class;

internal static class SignedMessage
{
    public const string Request = "mneme-ask-request";
    public const string Reply = "mneme-ask-reply";

    private const int SignatureLength = 64;
    private const int LongestHead = 16 * 1024;

    public static byte[] Write<THead>(string kind, THead head, ReadOnlySpan<byte> body, X509Certificate2 signer)
        where THead : class
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(head, Json.Options);
        var message = new byte[sizeof(int) + json.Length + body.Length + SignatureLength];
        BinaryPrimitives.WriteInt32BigEndian(message, json.Length);
        json.CopyTo(message, sizeof(int));
        body.CopyTo(message.AsSpan(sizeof(int) + json.Length));
        using var key = signer.GetECDsaPrivateKey() ?? throw new CryptographicException("The certificate has no key on an elliptic curve.");
        key.SignHash(HashOf(kind, message.AsSpan(0, message.Length - SignatureLength))).CopyTo(message, message.Length - SignatureLength);
        return message;
    }

    /// <returns>The message, not verified; null if it is none.</returns>
    public static SignedMessage<THead>? Read<THead>(string kind, ReadOnlyMemory<byte> message)
        where THead : class
    {
        if (message.Length < sizeof(int) + SignatureLength)
            return null;
        var length = BinaryPrimitives.ReadInt32BigEndian(message.Span);
        if (length is < 2 or > LongestHead || length > message.Length - sizeof(int) - SignatureLength)
            return null;
        var signed = message[..^SignatureLength];
        try
        {
            return JsonSerializer.Deserialize<THead>(message.Span.Slice(sizeof(int), length), Json.Options) is { } head
                ? new SignedMessage<THead>(head, signed[(sizeof(int) + length)..], HashOf(kind, signed.Span), message[^SignatureLength..])
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static byte[] HashOf(string kind, ReadOnlySpan<byte> signed)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.ASCII.GetBytes(kind));
        hash.AppendData([0]);
        hash.AppendData(signed);
        return hash.GetHashAndReset();
    }
}

/// <summary>What a request says of itself. All of it is signed, and nothing of it counts before the signature is verified.</summary>
/// <param name="Service">The service that is to answer.</param>
/// <param name="Request">The request's name on the wire.</param>
/// <param name="Id">Of this attempt; never used again.</param>
/// <param name="RequestId">The same for all attempts at one ask.</param>
/// <param name="SentAt">When, by the asker's clock, in ms since 1970.</param>
/// <param name="Deadline">How long the asker waits from then on, in ms.</param>
/// <param name="ReplyTo">Where the reply goes.</param>
/// <param name="Certificate">Whose signature it is: the asker's certificate (DER).</param>
/// <param name="TraceParent">W3C trace context.</param>
/// <param name="TraceState">Likewise.</param>
internal sealed record AskRequestHead(
    string Service, string Request, Guid Id, string RequestId, long SentAt, long Deadline, string ReplyTo, byte[] Certificate, string? TraceParent = null, string? TraceState = null)
{
    private const long EndOfTime = 253_370_764_800_000;

    // Longer than any contract's; a request is remembered for so long at most.
    private static readonly TimeSpan LongestDeadline = TimeSpan.FromHours(1);

    public bool IsSound => SentAt is > 0 and < EndOfTime && Deadline > 0 && Deadline <= LongestDeadline.TotalMilliseconds;

    public DateTimeOffset End => DateTimeOffset.FromUnixTimeMilliseconds(SentAt) + TimeSpan.FromMilliseconds(Deadline);
}

/// <summary>What a reply says of itself; signed likewise.</summary>
/// <param name="Id">Of the attempt that it answers.</param>
/// <param name="Status">One of <see cref="AskWire"/>'s.</param>
/// <param name="Certificate">The answering service's certificate (DER).</param>
internal sealed record AskReplyHead(Guid Id, int Status, byte[] Certificate);
