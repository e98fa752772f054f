using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace Mneme.Platform.Aws.Client;

/// <summary>
/// Sends signed requests, each within a time limit. What was throttled, failed on AWS's side or lost its connection is tried again after a pause with jitter; a clock that is wrong
/// is corrected by the server's.
/// </summary>
internal sealed partial class AwsClient(AwsOptions options, AwsCredentials credentials, TimeProvider time, ILogger<AwsClient> logger) : IDisposable
{
    /// <summary>A batch of the longest messages.</summary>
    private const int MaxResponse = 16 * 1024 * 1024;

    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ToleratedSkew = TimeSpan.FromMinutes(1);

    private readonly HttpClient _http = new(new SocketsHttpHandler
    {
        ConnectTimeout = TimeSpan.FromSeconds(5),
        // Names of regional endpoints change their addresses.
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        AllowAutoRedirect = false,
        UseCookies = false,
    })
    {
        Timeout = Timeout.InfiniteTimeSpan,
        MaxResponseContentBufferSize = MaxResponse,
    };

    private long _skew;

    /// <exception cref="AwsException">It was refused, or failed as often as it may be tried.</exception>
    public async Task<TAnswer> SendAsync<TAnswer>(AwsCall call, CancellationToken ct)
    {
        var body = await SendAsync(call, ct);
        try
        {
            return JsonSerializer.Deserialize<TAnswer>(body.Span, AwsCall.JsonOptions) ?? throw new JsonException("It is null.");
        }
        catch (JsonException e)
        {
            throw new AwsException($"{call.Service.Name} answered {call.Operation} with what cannot be read: {e.Message} Is Aws__EndpointUrl the address of AWS?", e);
        }
    }

    /// <inheritdoc cref="SendAsync{TAnswer}"/>
    public async Task<ReadOnlyMemory<byte>> SendAsync(AwsCall call, CancellationToken ct)
    {
        for (var attempt = 1; ;)
        {
            try
            {
                return await SendOnceAsync(call, ct);
            }
            catch (AwsException e) when (e.IsClockCorrected)
            {
                // It was not looked at; the corrected clock counts from here on.
            }
            catch (AwsException e) when ((e.IsTransient || e.IsUnanswered) && !call.IsTriedOnce && attempt < options.MaxAttempts)
            {
                LogAgain(call.Service.Name, call.Operation, e.Message);
                await Task.Delay(Pause(attempt++), time, ct);
            }
        }
    }

    /// <summary>A pause before another attempt: up to twice as long each time, and any part of that, so that many who were throttled do not come again together.</summary>
    /// <param name="attempt">How many have failed, from 1.</param>
    public static TimeSpan Pause(int attempt)
    {
        var longest = ShortestPause * Math.Pow(2, Math.Min(attempt, 10));
        return (longest < LongestPause ? longest : LongestPause) * Random.Shared.NextDouble();
    }

    private async Task<ReadOnlyMemory<byte>> SendOnceAsync(AwsCall call, CancellationToken ct)
    {
        var keys = await credentials.KeysAsync(ct);
        var now = time.GetUtcNow() + TimeSpan.FromTicks(Interlocked.Read(ref _skew));
        using var request = Sign(call, keys, credentials.Region(), now);
        var limit = options.RequestTimeout + call.Wait;
        using var timeout = new CancellationTokenSource(limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, timeout.Token);
        try
        {
            using var response = await _http.SendAsync(request, either.Token);
            var body = await response.Content.ReadAsByteArrayAsync(either.Token);
            if (response.IsSuccessStatusCode)
                return body;
            var error = AwsErrors.Read(call, response, body);
            throw IsSkewed(error.Code) && Correct(response, now) ? error.ClockCorrected() : error;
        }
        catch (OperationCanceledException e) when (!ct.IsCancellationRequested)
        {
            throw new AwsException($"{call.Service.Name} at {request.RequestUri!.Host} did not answer {call.Operation} within {limit.TotalSeconds:0.#} s.", e) { IsUnanswered = true };
        }
        catch (HttpRequestException e)
        {
            throw new AwsException($"{call.Service.Name} cannot be reached at {request.RequestUri!.Authority} for {call.Operation}: {e.Message}", e) { IsUnanswered = true };
        }
    }

    private HttpRequestMessage Sign(AwsCall call, AwsKeys keys, string region, DateTimeOffset now)
    {
        var address = new Uri(options.EndpointUrl ?? new Uri($"https://{call.Service.Host}.{region}.{(region.StartsWith("cn-", StringComparison.Ordinal) ? "amazonaws.com.cn" : "amazonaws.com")}"), call.Path);
        var timestamp = SigV4.Timestamp(now);
        var headers = new Dictionary<string, string>(StringComparer.Ordinal) { ["Host"] = address.IsDefaultPort ? address.Host : address.Authority, [SigV4.DateHeader] = timestamp };
        if (keys.Token is not null)
            headers[SigV4.TokenHeader] = keys.Token;
        if (call.Target is not null)
            headers["X-Amz-Target"] = call.Target;
        var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = new ByteArrayContent(call.Body) };
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(call.ContentType);
        headers["Content-Type"] = request.Content.Headers.ContentType.ToString();
        request.Headers.TryAddWithoutValidation(
            "Authorization", SigV4.Authorization(keys, region, call.Service.Name, timestamp, "POST", address.AbsolutePath, address.Query.TrimStart('?'), headers, call.Body));
        return request;
    }

    private static bool IsSkewed(string code) =>
        code is "RequestTimeTooSkewed" or "RequestExpired" or "RequestInTheFuture" or "InvalidSignatureException" or "SignatureDoesNotMatch";

    /// <returns>Whether it was the clock.</returns>
    private bool Correct(HttpResponseMessage response, DateTimeOffset used)
    {
        if (response.Headers.Date is not { } theirs || (theirs - used).Duration() < ToleratedSkew)
            return false;
        var skew = theirs - time.GetUtcNow();
        Interlocked.Exchange(ref _skew, skew.Ticks);
        LogSkew(skew.TotalSeconds.ToString("0", CultureInfo.InvariantCulture));
        return true;
    }

    public void Dispose() => _http.Dispose();

    [LoggerMessage(Level = LogLevel.Debug, Message = "{Service}:{Operation} is tried again: {Reason}")]
    private partial void LogAgain(string service, string operation, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The clock of this machine is {Seconds} s behind AWS's; requests are signed with theirs. Let it be set by NTP")]
    private partial void LogSkew(string seconds);
}
