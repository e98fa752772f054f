using System.Globalization;
using System.Text;
using System.Text.Json;
using Mneme.Platform.Messaging;

namespace Mneme.Platform.Asking;

/// <summary>
/// The protocol: <c>POST /ask/{service}/{request}</c> over HTTP/2 and mutual TLS with the request as JSON. 200 carries the answer, 422 the answering service's
/// problem; 401 ends a connection whose certificate is not good any more, 403 refuses the asker, 404 knows no such request, 500 is a bug there. Who asks is in the certificate and nowhere else.
/// </summary>
internal static class AskWire
{
    public const string Prefix = "/ask/";

    /// <summary>Milliseconds that the asker still waits.</summary>
    public const string Deadline = "Mneme-Deadline";

    /// <summary>The same for all attempts at one ask.</summary>
    public const string RequestId = "Mneme-Request-Id";

    public const int Answered = 200;
    public const int NotBelieved = 401;
    public const int Refused = 403;
    public const int Unknown = 404;
    public const int Problem = 422;
    public const int Failed = 500;

    /// <summary>Over a broker: it may have been answered already, by a process that did not live to say so.</summary>
    public const int Unsure = 503;

    public static string Path(string service, string request) => $"{Prefix}{service}/{request}";

    public static (string Service, string Request)? Parse(string? path) =>
        path is not null && path.StartsWith(Prefix, StringComparison.Ordinal) && path.Split('/') is [_, _, { Length: > 0 } service, { Length: > 0 } request] ? (service, request) : null;

    public static string Milliseconds(TimeSpan left) => Math.Max(1, (long)left.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);

    /// <returns>The shorter of what the asker still waits and what the contract grants.</returns>
    public static TimeSpan DeadlineOf(string? header, int contractSeconds)
    {
        var granted = TimeSpan.FromSeconds(contractSeconds);
        return long.TryParse(header, NumberStyles.None, CultureInfo.InvariantCulture, out var left) && left < granted.TotalMilliseconds ? TimeSpan.FromMilliseconds(left) : granted;
    }

    /// <summary>What came back, read as an attempt: the same over every carrier.</summary>
    public static Attempt Read(int status, ReadOnlySpan<byte> body)
    {
        switch (status)
        {
            case Answered:
                return new Attempt(AttemptKind.Answered, new AskReply(Encoding.UTF8.GetString(body), null));
            case Problem:
                return ReadProblem(body);
            case NotBelieved:
                return new Attempt(AttemptKind.NotSent, Reason: "the certificate is not good any more");
            case Refused:
                return new Attempt(AttemptKind.Refused, Reason: "refused there");
            case Unknown:
                return new Attempt(AttemptKind.Unknown, Reason: "not answered there");
            case Failed:
                return new Attempt(AttemptKind.Failed, Reason: "failed there");
            case >= 400 and < 500:
                return new Attempt(AttemptKind.Failed, Reason: "status " + status.ToString(CultureInfo.InvariantCulture));
            default:
                // Something between the processes answered, or a version that knows more.
                return new Attempt(AttemptKind.Lost, Reason: "status " + status.ToString(CultureInfo.InvariantCulture));
        }
    }

    private static Attempt ReadProblem(ReadOnlySpan<byte> body)
    {
        try
        {
            return JsonSerializer.Deserialize<Domain.Problem>(body, Json.Options) is { } problem
                ? new Attempt(AttemptKind.Answered, new AskReply(null, problem))
                : new Attempt(AttemptKind.Failed, Reason: "the problem is null");
        }
        catch (JsonException e)
        {
            return new Attempt(AttemptKind.Failed, Reason: e.Message);
        }
    }
}
