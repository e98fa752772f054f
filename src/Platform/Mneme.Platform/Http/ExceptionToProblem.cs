using System.Text.Json;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Mneme.Platform.Domain;
using Mneme.Platform.Persistence;

namespace Mneme.Platform.Http;

/// <summary>Exceptions to problem details: broken infrastructure is 503, a broken request 400, a bug 500; nothing internal is told.</summary>
internal sealed partial class ExceptionToProblem(ILogger<ExceptionToProblem> logger) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (exception is OperationCanceledException && httpContext.RequestAborted.IsCancellationRequested)
            return true;
        var result = OutcomeResult.Of(Map(exception));
        if (exception is not BadHttpRequestException && !DatabaseFailure.IsUnavailable(exception) && exception is not DbUpdateConcurrencyException)
            LogUnexpected(httpContext.Request.Method, httpContext.GetEndpoint()?.DisplayName ?? "?", exception);
        await result.ExecuteAsync(httpContext);
        return true;
    }

    private static Problem Map(Exception exception) => exception switch
    {
        BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } => new Problem(ProblemKind.TooLarge, "body-too-large", "The body is larger than this operation accepts."),
        BadHttpRequestException { InnerException: JsonException json } => Malformed(json),
        BadHttpRequestException bad => new Problem(ProblemKind.Invalid, "bad-request", Readable(bad.Message)),
        DbUpdateConcurrencyException => Problem.PreconditionFailed(),
        _ when DatabaseFailure.IsUnavailable(exception) => Problem.Unavailable("storage-unavailable", "The storage is not available at the moment. Nothing was changed unless a success was answered. Try again."),
        _ when DatabaseFailure.IsUniqueViolation(exception) => Problem.Conflict("conflict", "That exists already, or it was made at the same time."),
        OperationCanceledException => Problem.Unavailable("deadline-passed", "It took too long. Try again."),
        _ => new Problem((ProblemKind)StatusCodes.Status500InternalServerError, "internal-error", "Something went wrong here; it has been logged under the traceId."),
    };

    private static Problem Malformed(JsonException json)
    {
        // Paths such as $.tags[3] are the caller's own JSON; the framework's message would name CLR types.
        var field = json.Path is { Length: > 2 } path ? path[2..] : "body";
        var message = json.Message.StartsWith("Text must", StringComparison.Ordinal) ? json.Message.Split(" Path:")[0] : "is missing, malformed or of the wrong type.";
        return Problem.Invalid(field, message);
    }

    private static string Readable(string message)
    {
        // Our own messages are shown; the framework's name CLR types and parameters.
        return message switch
        {
            _ when message.StartsWith("Required parameter", StringComparison.Ordinal) || message.StartsWith("Failed to bind", StringComparison.Ordinal)
                => "A value in the path or query is missing or of the wrong type.",
            _ when message.StartsWith("Implicit body", StringComparison.Ordinal) || message.StartsWith("Failed to read", StringComparison.Ordinal)
                => "The body is missing or is not valid JSON.",
            _ when message.StartsWith("Expected a supported JSON media type", StringComparison.Ordinal) => "Send the body as application/json.",
            _ => message,
        };
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} {Operation} failed unexpectedly")]
    private partial void LogUnexpected(string method, string operation, Exception exception);
}
