using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Mneme.Platform.Domain;
using Mneme.Platform.Persistence;
using Mneme.Platform.Security;
using Npgsql;

namespace Mneme.Platform.Http;

/// <summary>Exceptions and bare statuses to problems: broken infrastructure is 503, a broken request 4xx, a bug 500; nothing internal is told.</summary>
internal static class ExceptionToProblem
{
    public static Problem Of(Exception exception) => exception switch
    {
        BadHttpRequestException { StatusCode: StatusCodes.Status400BadRequest, InnerException: JsonException json } => Malformed(json),
        // The reader refuses text that is not Unicode by this exception where no converter of ours stands between: in names of properties.
        BadHttpRequestException { InnerException: InvalidOperationException or DecoderFallbackException } => MalformedBody(),
        BadHttpRequestException { StatusCode: StatusCodes.Status400BadRequest } bad => Bad(bad),
        BadHttpRequestException bad => OfStatus(bad.StatusCode),
        DbUpdateConcurrencyException => Problem.PreconditionFailed(),
        _ when DatabaseFailure.IsUnavailable(exception) => Problem.Unavailable(
            "storage-unavailable", "The storage is not available at the moment. Nothing was changed unless a success was answered. Try again."),
        _ when DatabaseFailure.IsUniqueViolation(exception) => Problem.Conflict("conflict", "That exists already, or it was made at the same time."),
        _ when SqlState(exception) is { } state => OfSqlState(state),
        IdentityUnreachableException => Problem.Unavailable("identity-unavailable", "Access tokens cannot be verified at the moment. Try again."),
        OperationCanceledException => DeadlinePassed,
        _ => OfStatus(StatusCodes.Status500InternalServerError),
    };

    // Npgsql has no constant for it.
    private const string IdleInTransactionSessionTimeout = "25P03";

    /// <summary>The operation did not finish within its deadline; it was cancelled, and its transaction rolled back.</summary>
    public static Problem DeadlinePassed => Problem.Unavailable("deadline-passed", "It took too long, so it was given up. Try again.");

    /// <summary>The problem of a status that nobody explained.</summary>
    public static Problem OfStatus(int status) => status switch
    {
        StatusCodes.Status404NotFound => new Problem(ProblemKind.NotFound, "not-found", "There is nothing at this address. The operations are described at /docs."),
        StatusCodes.Status405MethodNotAllowed => Other(status, "method-not-allowed", "This address does not take this method; the Allow header names those that it takes."),
        StatusCodes.Status408RequestTimeout => Other(status, "request-timeout", "The request arrived too slowly. Send it again."),
        StatusCodes.Status413PayloadTooLarge => new Problem(ProblemKind.TooLarge, "body-too-large", "The body is larger than this operation accepts."),
        StatusCodes.Status415UnsupportedMediaType => Other(status, "unsupported-media-type", "Send the body as application/json."),
        StatusCodes.Status406NotAcceptable => Other(status, "not-acceptable", "The answer is application/json; accept that."),
        StatusCodes.Status500InternalServerError => Other(status, "internal-error", "Something went wrong here; it has been logged under the traceId."),
        StatusCodes.Status503ServiceUnavailable => Problem.Unavailable("unavailable", "Not available at the moment. Try again."),
        _ => Other(status, "http-" + status.ToString(System.Globalization.CultureInfo.InvariantCulture), status < 500 ? "The request is not valid." : "Not available at the moment."),
    };

    private static Problem Other(int status, string code, string detail) => new((ProblemKind)status, code, detail);

    private static Problem Malformed(JsonException json)
    {
        if (MissingProperties(json.Message) is { Count: > 0 } missing)
            return Problem.Invalid(missing.ToDictionary(name => Field(json.Path, name), _ => new[] { "is required." }, StringComparer.Ordinal));
        // The framework's message would name CLR types; ours begin with "Text must".
        var message = json.Message.StartsWith("Text must", StringComparison.Ordinal) ? json.Message.Split(" Path:")[0] : "is missing, malformed or of the wrong type.";
        return Problem.Invalid(Field(json.Path, null), message);
    }

    /// <summary>Paths such as <c>$.tags[3]</c> are the caller's own JSON, cut where somebody nests a thousand arrays.</summary>
    private static string Field(string? path, string? member)
    {
        const int Longest = 100;
        var field = (path ?? "$").TrimStart('$').TrimStart('.');
        if (field.Length > Longest)
            field = field[..Longest] + "…";
        return member is null ? field.Length > 0 ? field : "body" : field.Length > 0 ? $"{field}.{member}" : member;
    }

    /// <summary>"JSON deserialization for type '…' was missing required properties including: 'front', 'back'."</summary>
    private static List<string>? MissingProperties(string message)
    {
        const string Marker = "missing required properties including: ";
        var start = message.IndexOf(Marker, StringComparison.Ordinal);
        return start < 0 ? null : [.. message[(start + Marker.Length)..].Split('\'').Where((_, i) => i % 2 == 1)];
    }

    private static Problem Bad(BadHttpRequestException bad)
    {
        // Messages from our own code are for the caller; the framework's name CLR types and parameters.
        if (bad.Source?.StartsWith("Mneme", StringComparison.Ordinal) == true)
            return new Problem(ProblemKind.Invalid, "bad-request", bad.Message);
        return bad.Message switch
        {
            var m when m.StartsWith("Required parameter", StringComparison.Ordinal) || m.StartsWith("Failed to bind", StringComparison.Ordinal)
                => new Problem(ProblemKind.Invalid, "bad-request", "A value in the path or query is missing or of the wrong type."),
            var m when m.StartsWith("Implicit body", StringComparison.Ordinal) || m.StartsWith("Failed to read", StringComparison.Ordinal) => MalformedBody(),
            _ => new Problem(ProblemKind.Invalid, "bad-request", "The request is incomplete or not valid HTTP."),
        };
    }

    private static Problem MalformedBody() => Problem.Invalid("body", "is missing or not valid JSON.");

    private static string? SqlState(Exception exception)
    {
        for (var e = exception; e is not null; e = e.InnerException!)
        {
            if (e is PostgresException postgres)
                return postgres.SqlState;
        }

        return null;
    }

    private static Problem OfSqlState(string state) => state switch
    {
        PostgresErrorCodes.CharacterNotInRepertoire or PostgresErrorCodes.UntranslatableCharacter => Problem.Invalid("text", "Text must be valid Unicode without the character U+0000."),
        PostgresErrorCodes.QueryCanceled or IdleInTransactionSessionTimeout => DeadlinePassed,
        PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.LockNotAvailable => Problem.Unavailable(
            "busy", "Others were changing the same at the same time. Nothing was changed. Try again.", TimeSpan.FromSeconds(1)),
        _ => OfStatus(StatusCodes.Status500InternalServerError),
    };
}
