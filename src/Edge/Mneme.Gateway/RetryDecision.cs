using Microsoft.AspNetCore.Http;
using Mneme.Platform.Domain;
using Yarp.ReverseProxy.Forwarder;

namespace Mneme.Gateway;

/// <summary>What a failure to forward means: whether to try elsewhere, and what the caller reads. Pure.</summary>
internal static class RetryDecision
{
    /// <summary>
    /// Whether a failed request may be sent to another destination: any that was certainly not sent, and of those that may have arrived the ones that do no harm twice.
    /// </summary>
    public static bool MayRetry(HttpRequest request, ForwarderError error, Exception? exception) =>
        IsUnsent(error, exception)
        || error is ForwarderError.Request or ForwarderError.RequestBodyDestination && BadRequestIn(exception) is null && MayRepeat(request.Method, request.Headers.ContainsKey("Idempotency-Key"));

    /// <summary>RFC 9110 §9.2.2, and POSTs that carry a key by which the service recognises them. PATCH is not idempotent by its definition.</summary>
    public static bool MayRepeat(string method, bool hasIdempotencyKey) =>
        HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsPut(method) || HttpMethods.IsDelete(method) || HttpMethods.IsOptions(method)
        || HttpMethods.IsPost(method) && hasIdempotencyKey;

    /// <summary>Whether no connection was made, so that the service cannot have seen the request.</summary>
    public static bool IsUnsent(ForwarderError error, Exception? exception) => error is ForwarderError.Request or ForwarderError.RequestTimedOut && exception is
        HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError }
        or OperationCanceledException { InnerException: TimeoutException };

    /// <summary>What the server found wrong with the caller's body, wherever the forwarder wrapped it.</summary>
    public static BadHttpRequestException? BadRequestIn(Exception? exception) => exception switch
    {
        null => null,
        BadHttpRequestException bad => bad,
        AggregateException aggregate => aggregate.InnerExceptions.Select(BadRequestIn).FirstOrDefault(bad => bad is not null),
        _ => BadRequestIn(exception.InnerException),
    };

    public static bool IsCancelled(ForwarderError error, Exception? exception) =>
        error is ForwarderError.RequestCanceled or ForwarderError.RequestBodyCanceled or ForwarderError.RequestBodyClient || error == ForwarderError.RequestTimedOut && !IsUnsent(error, exception);

    public static Problem ProblemOf(string service, ForwarderError error, Exception? exception) => error switch
    {
        ForwarderError.NoAvailableDestinations => Problem.Unavailable("service-unavailable", $"No instance of {service} is available at the moment. Nothing was changed. Try again."),
        _ when IsUnsent(error, exception) => Problem.Unavailable("service-unavailable", $"{service} could not be reached. Nothing was changed. Try again."),
        _ => new Problem((ProblemKind)StatusCodes.Status502BadGateway, "answer-lost", $"The connection to {service} broke before its answer. Whether something was changed is not known: look before you repeat it."),
    };
}
