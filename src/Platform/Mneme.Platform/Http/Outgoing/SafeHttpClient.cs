using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Authentication;

namespace Mneme.Platform.Http.Outgoing;

/// <summary>A body that was fetched.</summary>
/// <param name="Address">Where it came from, after redirects.</param>
/// <param name="MediaType">One of those asked for, in lower case.</param>
/// <param name="Charset">The charset that the header names, if any.</param>
/// <param name="Body">Decompressed.</param>
public sealed record OutgoingResponse(Uri Address, string MediaType, string? Charset, byte[] Body)
{
    /// <summary>By which the same body is known again, if the server gives such.</summary>
    public OutgoingValidators Validators { get; init; } = OutgoingValidators.None;
}

/// <summary>What a server said of a body that it may be asked about again (RFC 9110, 8.8): sent back as they came.</summary>
/// <param name="ETag">Its entity tag, strong or weak.</param>
/// <param name="LastModified">When it was changed, as an HTTP date.</param>
public sealed record OutgoingValidators(string? ETag, string? LastModified)
{
    public static OutgoingValidators None { get; } = new(null, null);
}

/// <summary>
/// Fetches what addresses from outside lead to, without letting them lead into the private network (server-side request forgery): see
/// <see cref="OutgoingPolicy"/> and <see cref="CheckedConnection"/>. Each redirect is checked like the first address; sizes and times are limited.
/// </summary>
public sealed class SafeHttpClient(OutgoingPolicy policy, HostResolver? resolver = null) : IDisposable
{
    private readonly HttpMessageInvoker _http = new(CheckedConnection.CreateHandler(policy, resolver));

    /// <param name="address">As <see cref="OutgoingAddress.TryParse"/> read it.</param>
    /// <param name="mediaTypes">What is acceptable, in order of preference, such as <c>text/html</c>.</param>
    /// <param name="ct">Cancels the request.</param>
    /// <exception cref="OutgoingException">It failed; the message says why.</exception>
    public async Task<OutgoingResponse> GetAsync(Uri address, IReadOnlyList<string> mediaTypes, CancellationToken ct) =>
        await GetIfChangedAsync(address, mediaTypes, OutgoingValidators.None, ct)
        ?? throw new OutgoingException(OutgoingFailure.Malformed, $"What {address.Host} sent is not valid HTTP.");

    /// <summary>As <see cref="GetAsync"/>, unless the body is still the one that the validators are of (<c>If-None-Match</c>, <c>If-Modified-Since</c>).</summary>
    /// <returns>Null if it did not change (304).</returns>
    /// <exception cref="OutgoingException">It failed; the message says why.</exception>
    public async Task<OutgoingResponse?> GetIfChangedAsync(Uri address, IReadOnlyList<string> mediaTypes, OutgoingValidators validators, CancellationToken ct)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(ct);
        deadline.CancelAfter(policy.Timeout);
        try
        {
            return await FollowAsync(address, mediaTypes, validators, deadline.Token);
        }
        catch (OperationCanceledException e) when (!ct.IsCancellationRequested)
        {
            throw new OutgoingException(OutgoingFailure.TimedOut, $"{address.Host} did not answer in time.", isTransient: true, e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or SocketException or InvalidDataException)
        {
            throw Explain(e, address);
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task<OutgoingResponse?> FollowAsync(Uri address, IReadOnlyList<string> mediaTypes, OutgoingValidators validators, CancellationToken ct)
    {
        for (var redirects = 0; ; redirects++)
        {
            if (policy.Refusal(address) is { } refusal)
                throw new OutgoingException(OutgoingFailure.Refused, refusal);
            using var request = Request(address, mediaTypes, validators);
            using var response = await _http.SendAsync(request, ct);
            if (response.StatusCode == HttpStatusCode.NotModified && validators != OutgoingValidators.None)
                return null;
            if (Redirection(response, address) is not { } next)
                return await ReadAsync(response, address, mediaTypes, ct);
            if (redirects == policy.MaxRedirects)
                throw new OutgoingException(OutgoingFailure.TooManyRedirects, $"The address leads from one to the next and the next, more than {policy.MaxRedirects} times.");
            address = next;
        }
    }

    private HttpRequestMessage Request(Uri address, IReadOnlyList<string> mediaTypes, OutgoingValidators validators)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.TryAddWithoutValidation("User-Agent", policy.UserAgent);
        for (var i = 0; i < mediaTypes.Count; i++)
            request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(mediaTypes[i], Math.Round(1 - i * 0.1, 1)));
        if (validators.ETag is not null)
            request.Headers.TryAddWithoutValidation("If-None-Match", validators.ETag);
        if (validators.LastModified is not null)
            request.Headers.TryAddWithoutValidation("If-Modified-Since", validators.LastModified);
        return request;
    }

    private static Uri? Redirection(HttpResponseMessage response, Uri from)
    {
        if (response.StatusCode is not (HttpStatusCode.MovedPermanently or HttpStatusCode.Found or HttpStatusCode.SeeOther or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect)
            || !response.Headers.NonValidated.TryGetValues("Location", out var locations))
            return null;
        // Relative to the page; what comes out is read as strictly as what a person gives.
        var location = locations.ToString();
        return !location.Contains('\\', StringComparison.Ordinal) && Uri.TryCreate(from, location, out var target) && OutgoingAddress.TryParse(target.AbsoluteUri, out var next, out _)
            ? next
            : throw new OutgoingException(OutgoingFailure.Refused, "The address leads on to something that is not the address of a web page.");
    }

    private async Task<OutgoingResponse> ReadAsync(HttpResponseMessage response, Uri address, IReadOnlyList<string> mediaTypes, CancellationToken ct)
    {
        if (!response.IsSuccessStatusCode)
            throw OfStatus((int)response.StatusCode, address);
        var type = response.Content.Headers.ContentType;
        var mediaType = type?.MediaType?.ToLowerInvariant();
        if (mediaType is null || !mediaTypes.Contains(mediaType))
            throw new OutgoingException(OutgoingFailure.WrongType, $"There is no readable page there, but {mediaType ?? "something that does not say what it is"}.");
        if (response.Content.Headers.ContentLength > policy.MaxBodyBytes)
            throw TooLarge();
        await using var stream = await response.Content.ReadAsStreamAsync(ct);
        using var body = new MemoryStream();
        var buffer = new byte[32 * 1024];
        int count;
        while ((count = await stream.ReadAsync(buffer, ct)) > 0)
        {
            if (body.Length + count > policy.MaxBodyBytes)
                throw TooLarge();
            body.Write(buffer, 0, count);
        }

        return new OutgoingResponse(address, mediaType, type!.CharSet?.Trim('"', ' '), body.ToArray())
        {
            Validators = new OutgoingValidators(Header(response.Headers.NonValidated, "ETag"), Header(response.Content.Headers.NonValidated, "Last-Modified")),
        };
    }

    // One that is longer than any sensible server's is not worth keeping.
    private static string? Header(HttpHeadersNonValidated headers, string name) =>
        headers.TryGetValues(name, out var values) && values.ToString() is { Length: > 0 and <= 200 } value ? value : null;

    private OutgoingException TooLarge() => new(OutgoingFailure.TooLarge, $"It is larger than {policy.MaxBodyBytes / 1_000_000.0:0.#} MB.");

    private static OutgoingException OfStatus(int status, Uri address) => status switch
    {
        404 or 410 => new(OutgoingFailure.NotFound, $"There is nothing at this address: {address.Host} says that it does not exist."),
        401 or 402 or 403 or 407 or 451 => new(OutgoingFailure.Denied, $"{address.Host} does not give this to just anybody (status {status}). It may want a sign-in."),
        408 or 425 or 429 or >= 500 => new(OutgoingFailure.Status, $"{address.Host} cannot answer at the moment (status {status}).", isTransient: true),
        _ => new(OutgoingFailure.Status, $"{address.Host} answers with status {status} instead of a page."),
    };

    private static OutgoingException Explain(Exception exception, Uri address)
    {
        for (var e = exception; e is not null; e = e.InnerException)
        {
            switch (e)
            {
                case OutgoingException known:
                    return known;
                case AuthenticationException:
                    return new OutgoingException(OutgoingFailure.Unreachable, $"The connection to {address.Host} is not secure: its certificate does not hold.", inner: exception);
                case SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData }:
                    return new OutgoingException(OutgoingFailure.Unreachable, $"There is no host {address.Host}.", inner: exception);
                case InvalidDataException:
                    return new OutgoingException(OutgoingFailure.Malformed, $"What {address.Host} sent arrived damaged.", inner: exception);
                case HttpRequestException { HttpRequestError: HttpRequestError.InvalidResponse or HttpRequestError.ConfigurationLimitExceeded }:
                    return new OutgoingException(OutgoingFailure.Malformed, $"What {address.Host} sent is not valid HTTP.", inner: exception);
            }
        }

        return new OutgoingException(OutgoingFailure.Unreachable, $"{address.Host} cannot be reached.", isTransient: true, exception);
    }
}
