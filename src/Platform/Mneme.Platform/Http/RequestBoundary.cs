using System.Diagnostics;
using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using Mneme.Platform.Domain;
using Mneme.Platform.Hosting;
using Mneme.Platform.Security;
using Mneme.Platform.Services;

namespace Mneme.Platform.Http;

/// <summary>
/// The outermost step of every request: headers that all responses have, and problem details for every failure, be it an exception or a bare status
/// such as routing's 404 and 405.
/// </summary>
internal sealed partial class RequestBoundary(RequestDelegate next, Draining draining, HttpOptions options, ILoggerFactory loggers)
{
    // Nginx's status for a caller who went away: nobody reads it but the metrics.
    private const int ClientClosedRequest = 499;
    private static readonly string[] OperationHeaders =
        ["Content-Type", "Content-Disposition", "Content-Encoding", "Content-Language", "ETag", "Last-Modified", "Location", "Set-Cookie", "Idempotent-Replayed"];

    private readonly ILogger _logger = loggers.CreateLogger("Mneme.Requests");
    private readonly AuditedRoute[] _audited = [.. options.AuditedRouteList];

    public async Task InvokeAsync(HttpContext context)
    {
        var start = Stopwatch.GetTimestamp();
        ResponseHeaders.Apply(context);
        Correlation.Apply(context);
        draining.CloseConnectionIfBegun(context);
        try
        {
            if (HasNullCharacter(context.Request.QueryString))
                await AnswerAsync(context, Problem.Invalid("query", "Text must not contain the character U+0000."));
            else
                await next(context);
        }
        catch (Exception e) when (!context.Response.HasStarted)
        {
            await FailAsync(context, e);
        }

        var response = context.Response;
        if (response is { StatusCode: >= 400 and not ClientClosedRequest, HasStarted: false, ContentLength: null } && string.IsNullOrEmpty(response.ContentType))
            await AnswerAsync(context, ExceptionToProblem.OfStatus(response.StatusCode));
        if (Activity.Current is { IsAllDataRequested: true } span)
            Describe(span, context);
        Log(context, start);
    }

    private void Log(HttpContext context, long start)
    {
        var (request, response, operation) = (context.Request, context.Response, Operation(context));
        if (IsAudited(request.Method, operation))
        {
            LogAudited(
                request.Method, operation, response.StatusCode, Stopwatch.GetElapsedTime(start).TotalMilliseconds, (context.User as ActorPrincipal)?.Actor.UserId,
                context.Connection.RemoteIpAddress, request.ContentLength ?? 0, response.ContentLength);
        }
        else if (_logger.IsEnabled(LogLevel.Debug))
        {
            LogRequest(request.Method, operation, response.StatusCode, Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }
    }

    // On every request's way: neither closure nor enumerator.
    private bool IsAudited(string method, string operation)
    {
        foreach (var route in _audited)
        {
            if (route.Covers(method, operation))
                return true;
        }

        return false;
    }

    private async Task FailAsync(HttpContext context, Exception exception)
    {
        var response = context.Response;
        ForgetSuccess(context);
        context.Features.Get<IHttpMetricsTagsFeature>()?.Tags.Add(new KeyValuePair<string, object?>("error.type", exception.GetType().FullName));
        if (context.RequestAborted.IsCancellationRequested)
        {
            response.StatusCode = ClientClosedRequest;
            return;
        }

        var problem = ExceptionToProblem.Of(exception);
        if ((int)problem.Kind == StatusCodes.Status500InternalServerError)
        {
            CurrentService.Ambient = context.GetEndpoint()?.Metadata.GetMetadata<IEndpointGroupNameMetadata>()?.EndpointGroupName;
            LogUnexpected(context.Request.Method, Operation(context), exception);
        }

        await AnswerAsync(context, problem);
    }

    /// <summary>What the operation had prepared for its success must not go out with the failure; what the pipeline said stays.</summary>
    private static void ForgetSuccess(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.ContentLength = null;
        foreach (var name in OperationHeaders)
            headers.Remove(name);
        ResponseHeaders.Apply(context);
    }

    private static Task AnswerAsync(HttpContext context, Problem problem) => OutcomeResult.Of(problem).ExecuteAsync(context);

    /// <summary>OpenTelemetry's attributes of a server's span; only asked for when the span is sent somewhere.</summary>
    private static void Describe(Activity span, HttpContext context)
    {
        var (request, status) = (context.Request, context.Response.StatusCode);
        var operation = Operation(context);
        span.DisplayName = $"{request.Method} {operation}";
        span.SetTag("http.request.method", request.Method).SetTag("http.route", operation).SetTag("url.scheme", request.Scheme)
            .SetTag("http.response.status_code", status).SetTag("server.address", request.Host.Host);
        if (status >= 500)
            span.SetStatus(ActivityStatusCode.Error);
    }

    // PostgreSQL's text cannot hold it, and no honest query has it.
    private static bool HasNullCharacter(QueryString query) => query.HasValue && query.Value.Contains("%00", StringComparison.Ordinal);

    /// <summary>The operation as it was declared: a path as it was sent may hold what should not be logged.</summary>
    private static string Operation(HttpContext context) => (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? "?";

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} {Operation} failed unexpectedly")]
    private partial void LogUnexpected(string method, string operation, Exception exception);

    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "{Method} {Operation} answered {Status} in {Milliseconds:0.0} ms to {ActorId} at {Address}: {RequestBytes} bytes in, {ResponseBytes} bytes out")]
    private partial void LogAudited(string method, string operation, int status, double milliseconds, Guid? actorId, IPAddress? address, long requestBytes, long? responseBytes);

    [LoggerMessage(Level = LogLevel.Debug, Message = "{Method} {Operation} answered {Status} in {Milliseconds:0.0} ms")]
    private partial void LogRequest(string method, string operation, int status, double milliseconds);
}
