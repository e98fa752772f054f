namespace Mneme.Platform.Aws.Client;

/// <summary>AWS refused a request, failed, or was not reached; the message says what to do where that is known.</summary>
internal sealed class AwsException(string message, Exception? inner = null) : Exception(message, inner)
{
    private static readonly HashSet<string> Transient = new(StringComparer.Ordinal)
    {
        "BandwidthLimitExceeded", "ConcurrentModificationException", "InternalError", "InternalException", "InternalFailure", "InternalServerError", "InternalServiceError", "KMSThrottlingException", "KmsThrottled", "PriorRequestNotComplete",
        "RequestLimitExceeded", "RequestThrottled", "RequestThrottledException", "RequestTimeout", "RequestTimeoutException", "ServiceUnavailable", "SlowDown", "ThrottledException", "Throttling",
        "ThrottlingException", "TooManyRequestsException",
    };

    /// <summary>The answer's status; 0 if there was none.</summary>
    public int Status { get; private init; }

    /// <summary>The error's name; empty if there was no answer.</summary>
    public string Code { get; private init; } = "";

    /// <summary>Whether the same request may succeed in a moment.</summary>
    public bool IsTransient => IsTransientCode(Code) || Status is 429 or >= 500;

    /// <summary>Whether there was no answer, so that nobody knows what became of the request.</summary>
    public bool IsUnanswered { get; init; }

    /// <summary>Whether our clock was wrong and has been set right since.</summary>
    public bool IsClockCorrected { get; private set; }

    public AwsException ClockCorrected()
    {
        IsClockCorrected = true;
        return this;
    }

    public static bool IsTransientCode(string code) => Transient.Contains(code);

    /// <param name="call">What was asked.</param>
    /// <param name="status">The answer's status.</param>
    /// <param name="code">The error's name, such as ThrottlingException.</param>
    /// <param name="message">What AWS says.</param>
    /// <param name="requestId">What AWS's support asks for.</param>
    public static AwsException Refused(AwsCall call, int status, string code, string message, string? requestId = null) =>
        new($"{call.Service.Name} refused {call.Operation} with {code} ({status}): {message}{Advice(call, code)}{(requestId is null ? "" : $" Request {requestId}.")}") { Status = status, Code = code };

    private static string Advice(AwsCall call, string code) => code switch
    {
        "AccessDenied" or "AccessDeniedException" or "AuthorizationError" or "AuthorizationErrorException" or "NotAuthorized" =>
            $" Allow {call.Service.Name}:{call.Operation} to the identity that this process runs as; docs/transports/aws.md has the whole policy.",
        "UnrecognizedClientException" or "InvalidClientTokenId" or "InvalidSignatureException" or "SignatureDoesNotMatch" or "IncompleteSignature" =>
            " The credentials are not valid, or not for this region or endpoint.",
        "ExpiredToken" or "ExpiredTokenException" => " The session of these credentials is over: sign in again, or use a role that is renewed.",
        "QueueDoesNotExist" or "AWS.SimpleQueueService.NonExistentQueue" => " Set Aws__CreateTopology=true, or create what docs/transports/aws.md lists.",
        _ => "",
    };
}
