using System.Runtime.ExceptionServices;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Mneme.Platform.Http;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Model;

namespace Mneme.Gateway;

/// <summary>
/// Sends a request on, and to another destination when the connection failed before an answer; what remains of failures becomes problem details. Bodies are kept for that
/// up to 64 KB, and only where there is another destination; larger ones stream, and are sent once.
/// </summary>
internal sealed class Retrying(RequestDelegate next, GatewayOptions options, Trials trials)
{
    private const int LargestKeptBody = 64 * 1024;

    public async Task InvokeAsync(HttpContext context)
    {
        RefuseTooLarge(context);
        var proxy = context.GetReverseProxyFeature();
        if (proxy.AvailableDestinations.Count == 0)
            proxy.AvailableDestinations = trials.Begin(context, proxy);
        var candidates = proxy.AvailableDestinations;
        var isReplayable = candidates.Count > 1 && options.Retries > 0 && await KeepBodyAsync(context);
        for (var retries = 0; ; retries++)
        {
            await next(context);
            if (context.Features.Get<IForwarderErrorFeature>() is not { } failure || context.Response.HasStarted)
                return;
            if (!isReplayable || retries == options.Retries || !RetryDecision.MayRetry(context.Request, failure.Error, failure.Exception))
            {
                await AnswerAsync(context, failure);
                return;
            }

            candidates = [.. candidates.Where(destination => destination != proxy.ProxiedDestination)];
            if (candidates.Count == 0)
            {
                await AnswerAsync(context, failure);
                return;
            }

            GatewayMetrics.Retried(proxy.Cluster.Config.ClusterId);
            Rewind(context, proxy, candidates);
        }
    }

    /// <summary>A body that says how long it is need not be begun to be refused.</summary>
    private static void RefuseTooLarge(HttpContext context)
    {
        if (context.Request.ContentLength is { } length && context.Features.Get<IHttpMaxRequestBodySizeFeature>()?.MaxRequestBodySize is { } limit && length > limit)
            throw new BadHttpRequestException("The body is too large.", StatusCodes.Status413PayloadTooLarge);
    }

    /// <returns>Whether the request can be sent again: it has no body, or the body is now in memory.</returns>
    private static async ValueTask<bool> KeepBodyAsync(HttpContext context)
    {
        if (context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody == false)
            return true;
        if (context.Request.ContentLength is not (> 0 and <= LargestKeptBody and var length))
            return context.Request.ContentLength == 0;
        var body = new byte[(int)length];
        await context.Request.Body.ReadExactlyAsync(body, context.RequestAborted);
        context.Request.Body = new MemoryStream(body, writable: false);
        return true;
    }

    private static void Rewind(HttpContext context, IReverseProxyFeature proxy, IReadOnlyList<DestinationState> candidates)
    {
        if (context.Request.Body is MemoryStream kept)
            kept.Position = 0;
        context.Response.StatusCode = StatusCodes.Status200OK;
        context.Features.Set<IForwarderErrorFeature>(null);
        proxy.AvailableDestinations = candidates;
    }

    private static Task AnswerAsync(HttpContext context, IForwarderErrorFeature failure)
    {
        context.Response.StatusCode = StatusCodes.Status200OK;
        // What was wrong with the body, and whether the caller went away or the deadline passed, is judged for every request in one place.
        if (RetryDecision.BadRequestIn(failure.Exception) is { } bad)
            ExceptionDispatchInfo.Throw(bad);
        if (RetryDecision.IsCancelled(failure.Error, failure.Exception))
            throw new OperationCanceledException("The caller went away, or the deadline passed.");
        var service = context.GetReverseProxyFeature().Cluster.Config.ClusterId;
        GatewayMetrics.Failed(service, failure.Error);
        return OutcomeResult.Of(RetryDecision.ProblemOf(service, failure.Error, failure.Exception)).ExecuteAsync(context);
    }
}
