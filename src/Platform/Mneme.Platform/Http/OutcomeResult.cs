using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Mneme.Platform.Domain;

namespace Mneme.Platform.Http;

/// <summary>A response whose current version is its ETag.</summary>
public interface IVersioned
{
    long Version { get; }

    /// <summary>Whether the version covers all of the response. If not, the ETag serves <c>If-Match</c> only, and a GET never answers 304.</summary>
    bool CoversResponse => true;
}

/// <summary>Outcomes to HTTP: the one place where a success becomes a status and a failure becomes problem details (RFC 9457).</summary>
public static class OutcomeResult
{
    public static IResult Of(IOutcome outcome) => outcome switch
    {
        { Problem: { } problem } => new ProblemResult(problem),
        { Value: null or Nothing } => Results.NoContent(),
        { Value: IResult result } => result,
        _ => new ValueResult(outcome.Value, outcome.Location),
    };

    public static IResult Of(Problem problem) => new ProblemResult(problem);

    /// <summary>Strong entity tag of a version: <c>"7"</c>.</summary>
    public static string ETag(long version) => string.Create(CultureInfo.InvariantCulture, $"\"{version}\"");

    private sealed class ValueResult(object value, string? location) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            var response = httpContext.Response;
            if (value is IVersioned versioned)
            {
                var tag = ETag(versioned.Version);
                response.Headers.ETag = tag;
                if (versioned.CoversResponse && HttpMethods.IsGet(httpContext.Request.Method) && httpContext.Request.Headers.IfNoneMatch.Contains(tag))
                {
                    response.StatusCode = StatusCodes.Status304NotModified;
                    return Task.CompletedTask;
                }
            }

            if (location is not null)
            {
                response.StatusCode = StatusCodes.Status201Created;
                response.Headers.Location = httpContext.Request.PathBase + location;
            }

            return response.WriteAsJsonAsync(value, value.GetType(), Json.Options, contentType: null, httpContext.RequestAborted);
        }
    }

    private sealed class ProblemResult(Problem problem) : IResult
    {
        public async Task ExecuteAsync(HttpContext httpContext)
        {
            var details = new ProblemDetails
            {
                Status = (int)problem.Kind,
                Type = $"https://mneme.dev/problems/{problem.Code}",
                Title = Title(problem.Kind),
                Detail = problem.Detail,
                Instance = httpContext.Request.PathBase + httpContext.Request.Path,
                Extensions = { ["code"] = problem.Code, ["traceId"] = Correlation.TraceId(httpContext) },
            };
            if (problem.Errors is not null)
                details.Extensions["errors"] = problem.Errors;
            var response = httpContext.Response;
            if (problem.RetryAfter is { } retryAfter)
                response.Headers.RetryAfter = Math.Max(1, (int)Math.Ceiling(retryAfter.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
            if (problem.Kind == ProblemKind.Unauthenticated)
                response.Headers.WWWAuthenticate = "Bearer";
            response.StatusCode = (int)problem.Kind;
            await response.WriteAsJsonAsync(details, Json.Options, "application/problem+json", httpContext.RequestAborted);
        }
    }

    internal static string Title(ProblemKind kind) => kind switch
    {
        ProblemKind.Invalid => "The request is not valid",
        ProblemKind.Unauthenticated => "Sign in first",
        ProblemKind.Forbidden => "Not allowed",
        ProblemKind.NotFound => "Not found",
        ProblemKind.Conflict => "In conflict with what is there",
        ProblemKind.PreconditionFailed => "Changed meanwhile",
        ProblemKind.TooLarge => "Too large",
        ProblemKind.Unprocessable => "Understood, but not possible",
        ProblemKind.PreconditionRequired => "A precondition is required",
        ProblemKind.TooManyRequests => "Too many requests",
        ProblemKind.Unavailable => "Not available at the moment",
        _ => (int)kind switch
        {
            StatusCodes.Status405MethodNotAllowed => "Method not allowed",
            StatusCodes.Status406NotAcceptable => "Not acceptable",
            StatusCodes.Status408RequestTimeout => "The request took too long",
            StatusCodes.Status415UnsupportedMediaType => "Unsupported media type",
            >= 500 => "Something went wrong",
            _ => "The request is not valid",
        },
    };
}
