using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Authentication;
using Microsoft.Extensions.Logging;
using Mneme.Platform.Security.Certificates;

namespace Mneme.Platform.Asking;

/// <summary>
/// The connections over which one service asks another: HTTP/2 with the asker's certificate, and with the answering service's own name demanded of whoever
/// answers, so an address that leads to somebody else gets nothing.
/// </summary>
internal sealed partial class AskChannel : IDisposable
{
    private readonly HttpClient _client;
    private readonly string _host;

    public AskChannel(string asker, string service, ServiceCertificates certificates, AskOptions options, ILogger logger)
    {
        // SNI and the name to verify follow the Host header, wherever the address is.
        _host = ServiceIdentity.HostOf(service);
        _client = new HttpClient(new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            ConnectTimeout = options.ConnectTimeout,
            EnableMultipleHttp2Connections = true,
            PooledConnectionLifetime = options.ConnectionLifetime,
            KeepAlivePingDelay = TimeSpan.FromSeconds(10),
            KeepAlivePingTimeout = TimeSpan.FromSeconds(5),
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
            SslOptions = new SslClientAuthenticationOptions
            {
                EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
                // Every connection shows and checks certificates: none is resumed past a renewal or a changed trust.
                AllowTlsResume = false,
                LocalCertificateSelectionCallback = (_, _, _, _, _) => certificates.Of(asker).Certificate,
                RemoteCertificateValidationCallback = (_, certificate, _, _) =>
                {
                    var peer = certificates.Verify(certificate, CertificateAuthority.ServerAuthentication);
                    var refusal = peer.Refusal ?? (peer.Service == service ? null : $"its certificate is of '{peer.Service}'");
                    if (refusal is not null)
                        LogNotBelieved(logger, service, refusal);
                    return refusal is null;
                },
            },
        })
        {
            Timeout = Timeout.InfiniteTimeSpan,
            MaxResponseContentBufferSize = options.MaxBytes,
        };
    }

    /// <summary>Sends a request to an address once. Expected failures are results; only the caller's own cancellation is an exception.</summary>
    /// <param name="call">What is asked.</param>
    /// <param name="address">Where.</param>
    /// <param name="deadline">Cancelled by the deadline and by the caller.</param>
    /// <param name="caller">Cancelled by the caller.</param>
    public async Task<Attempt> SendAsync(AskCall call, Uri address, CancellationToken deadline, CancellationToken caller)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(address, AskWire.Path(call.Service, call.Contract.Name)))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(call.Body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json", "utf-8") } },
        };
        request.Headers.Host = _host;
        request.Headers.Add(AskWire.Deadline, AskWire.Milliseconds(call.Left()));
        request.Headers.Add(AskWire.RequestId, call.RequestId);
        try
        {
            using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseContentRead, deadline);
            return AskWire.Read((int)response.StatusCode, await response.Content.ReadAsByteArrayAsync(deadline));
        }
        catch (OperationCanceledException e) when (!caller.IsCancellationRequested)
        {
            return deadline.IsCancellationRequested
                ? new Attempt(AttemptKind.DeadlinePassed, Reason: "no answer within the deadline")
                : new Attempt(AttemptKind.NotSent, Reason: e.InnerException?.Message ?? "no connection in time");
        }
        catch (HttpRequestException e)
        {
            return new Attempt(KindOf(e.HttpRequestError), Reason: e.GetBaseException().Message);
        }
        catch (IOException e)
        {
            return new Attempt(AttemptKind.Lost, Reason: e.Message);
        }
    }

    public void Dispose() => _client.Dispose();

    private static AttemptKind KindOf(HttpRequestError error) => error switch
    {
        HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError or HttpRequestError.SecureConnectionError or HttpRequestError.VersionNegotiationError => AttemptKind.NotSent,
        HttpRequestError.ConfigurationLimitExceeded => AttemptKind.Failed,
        _ => AttemptKind.Lost,
    };

    [LoggerMessage(Level = LogLevel.Error, Message = "Who answers for {Service} is not believed: {Reason}")]
    private static partial void LogNotBelieved(ILogger logger, string service, string reason);
}
