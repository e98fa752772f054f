using System.Globalization;
using System.Net;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Mneme.Ai.Domain;

namespace Mneme.Ai.Models;

/// <summary>
/// The way to a provider, below its client library: every failure of HTTP becomes a <see cref="ModelException"/> here, alike for all providers, and a
/// body is read completely, and not without end, before the library sees it. Redirections are not followed: the key belongs to the configured address.
/// </summary>
internal sealed partial class ProviderTransport(string provider, TimeProvider time, ILogger logger) : DelegatingHandler(new SocketsHttpHandler
{
    AllowAutoRedirect = false,
    UseCookies = false,
    AutomaticDecompression = DecompressionMethods.All,
    PooledConnectionLifetime = TimeSpan.FromMinutes(5),
    ConnectTimeout = TimeSpan.FromSeconds(10),
})
{
    private const int LargestBody = 4 * 1024 * 1024;

    /// <summary>The client that the libraries use. Time limits are the caller's.</summary>
    public HttpClient Client() => new(this, disposeHandler: true) { Timeout = Timeout.InfiniteTimeSpan };

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        HttpResponseMessage response;
        try
        {
            response = await base.SendAsync(request, cancellationToken);
        }
        catch (HttpRequestException e)
        {
            // Without a connection nothing was sent, so nothing can be billed.
            var neverSent = e.HttpRequestError is HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError or HttpRequestError.ProxyTunnelError;
            LogUnreachable(provider, e.HttpRequestError);
            throw new ModelException(new ModelFailure(ModelFailureKind.Unavailable, MayBeBilled: !neverSent), inner: e);
        }

        try
        {
            await response.Content.LoadIntoBufferAsync(LargestBody, cancellationToken);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or InvalidDataException)
        {
            response.Dispose();
            LogBroken(provider);
            throw new ModelException(new ModelFailure(ModelFailureKind.Unreadable, MayBeBilled: true), inner: e);
        }

        if (response.IsSuccessStatusCode)
            return response;
        using (response)
        {
            var (name, message) = ErrorOf(await response.Content.ReadAsStringAsync(cancellationToken));
            var failure = Classify(response.StatusCode, $"{name} {message}", RetryAfter(response));
            LogRefused(provider, (int)response.StatusCode, failure.Kind, PlainText.Line(name, 200));
            throw new ModelException(failure, response.StatusCode);
        }
    }

    private static ModelFailure Classify(HttpStatusCode status, string error, TimeSpan? retryAfter) => (int)status switch
    {
        // OpenAI answers 429 for an empty account too, and then no waiting helps.
        429 when error.Contains("insufficient_quota", StringComparison.Ordinal) || error.Contains("spend_limit", StringComparison.Ordinal) => new ModelFailure(ModelFailureKind.CreditExhausted),
        429 => new ModelFailure(ModelFailureKind.RateLimited, RetryAfter: retryAfter),
        401 or 403 => new ModelFailure(ModelFailureKind.CredentialsRefused),
        402 => new ModelFailure(ModelFailureKind.CreditExhausted),
        404 or (>= 300 and < 400) => new ModelFailure(ModelFailureKind.ModelUnknown),
        413 => new ModelFailure(ModelFailureKind.TooLong),
        400 when error.Contains("context_length", StringComparison.Ordinal) || error.Contains("too long", StringComparison.OrdinalIgnoreCase) => new ModelFailure(ModelFailureKind.TooLong),
        400 when error.Contains("content_policy", StringComparison.Ordinal) || error.Contains("content_filter", StringComparison.Ordinal) => new ModelFailure(ModelFailureKind.ContentRefused),
        400 when error.Contains("credit balance", StringComparison.OrdinalIgnoreCase) => new ModelFailure(ModelFailureKind.CreditExhausted),
        408 or 409 or >= 500 => new ModelFailure(ModelFailureKind.Unavailable, RetryAfter: retryAfter),
        _ => new ModelFailure(ModelFailureKind.RequestRefused),
    };

    // Both protocols say {"error": {"type": …, "code": …, "message": …}}. The message may quote the request and stays out of the log.
    private static (string Name, string Message) ErrorOf(string body)
    {
        try
        {
            using var json = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = 16 });
            if (json.RootElement.ValueKind != JsonValueKind.Object || !json.RootElement.TryGetProperty("error", out var error) || error.ValueKind != JsonValueKind.Object)
                return ("", "");
            return ($"{Text(error, "type")} {Text(error, "code")}", Text(error, "message"));
        }
        catch (JsonException)
        {
            return ("", "");
        }

        static string Text(JsonElement element, string name) => element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
    }

    private TimeSpan? RetryAfter(HttpResponseMessage response) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } => date - time.GetUtcNow() is { Ticks: > 0 } wait ? wait : TimeSpan.Zero,
        _ => response.Headers.TryGetValues("retry-after-ms", out var values)
            && double.TryParse(values.First(), NumberStyles.Float, CultureInfo.InvariantCulture, out var milliseconds) && milliseconds is >= 0 and < 86_400_000
            ? TimeSpan.FromMilliseconds(milliseconds)
            : null,
    };

    [LoggerMessage(Level = LogLevel.Warning, Message = "The AI provider {Provider} cannot be reached: {Error}")]
    private partial void LogUnreachable(string provider, HttpRequestError error);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The answer of the AI provider {Provider} broke off or was too large")]
    private partial void LogBroken(string provider);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The AI provider {Provider} answered {Status} ({Failure}): {Error}")]
    private partial void LogRefused(string provider, int status, ModelFailureKind failure, string error);
}
