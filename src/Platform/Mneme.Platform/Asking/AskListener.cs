using System.Net;
using System.Net.Security;
using System.Runtime.CompilerServices;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Mneme.Platform.Domain;
using Mneme.Platform.Http;
using Mneme.Platform.Messaging;
using Mneme.Platform.Security.Certificates;

namespace Mneme.Platform.Asking;

/// <summary>
/// Where services in other processes ask those in this one. A server of its own, so that no mistake in a route or a proxy can lead the public to it; it speaks
/// HTTP/2 over TLS only, and only with those whose certificate an authority of ours signed. Certificates are looked up for each connection, and a connection's
/// own is checked again when the trust changes or it expires.
/// </summary>
internal sealed partial class AskListener(
    AskOptions options, LocalAnswers answers, ServiceCertificates certificates, AskRefusals refusals, TimeProvider time, IServiceProvider services, ILoggerFactory loggers, ILogger<AskListener> logger)
    : IHostedService, IHttpApplication<HttpContext>, IAsyncDisposable
{
    private readonly ConditionalWeakTable<X509Certificate2, Verified> _verified = [];
    private KestrelServer? _server;

    /// <summary>Where it listens; null if it is off or has not started.</summary>
    public Uri? Address { get; private set; }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (options.Port >= 0 || options.IsConfigured)
            certificates.Load();
        if (options.Port < 0)
            return;
        var kestrel = new KestrelServerOptions { ApplicationServices = services, AddServerHeader = false };
        kestrel.Limits.MaxConcurrentConnections = 1000;
        kestrel.Limits.MaxRequestBodySize = options.MaxBytes;
        kestrel.Limits.Http2.MaxStreamsPerConnection = 200;
        kestrel.Listen(IPAddress.Parse(options.Bind), options.Port, listen =>
        {
            listen.Protocols = HttpProtocols.Http2;
            listen.UseHttps(new TlsHandshakeCallbackOptions { OnConnection = SecureAsync, HandshakeTimeout = TimeSpan.FromSeconds(5) });
        });
        _server = new KestrelServer(Options.Create(kestrel), new SocketTransportFactory(Options.Create(new SocketTransportOptions()), loggers), loggers);
        await _server.StartAsync(this, cancellationToken);
        Address = new Uri(_server.Features.Get<IServerAddressesFeature>()!.Addresses.First());
        LogListening(Address);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_server is not null)
            await _server.StopAsync(cancellationToken);
    }

    public ValueTask DisposeAsync()
    {
        _server?.Dispose();
        return ValueTask.CompletedTask;
    }

    HttpContext IHttpApplication<HttpContext>.CreateContext(IFeatureCollection contextFeatures) => new DefaultHttpContext(contextFeatures);

    void IHttpApplication<HttpContext>.DisposeContext(HttpContext context, Exception? exception)
    {
    }

    async Task IHttpApplication<HttpContext>.ProcessRequestAsync(HttpContext context)
    {
        var request = context.Request;
        if (!HttpMethods.IsPost(request.Method) || AskWire.Parse(request.Path.Value) is not { } asked || answers.Find(asked.Service, asked.Request) is not { } answer)
        {
            context.Response.StatusCode = AskWire.Unknown;
            return;
        }

        var peer = Verify(context.Connection.ClientCertificate);
        if (peer.Service is null)
        {
            // It was good when the connection was made. The asker makes another one, with what certificate it has now.
            LogStranger(context.Connection.RemoteIpAddress?.ToString(), peer.Refusal!);
            context.Features.Get<IConnectionLifetimeNotificationFeature>()?.RequestClose();
            context.Response.StatusCode = AskWire.NotBelieved;
            return;
        }

        if (!answer.Type.Contract.MayBeAskedBy(peer.Service))
        {
            await refusals.TellAsync(asked.Service, asked.Request, peer.Service, context.Connection.RemoteIpAddress?.ToString(), context.RequestAborted);
            context.Response.StatusCode = AskWire.Refused;
            return;
        }

        var headers = request.Headers;
        using var span = AskMetrics.StartAnswering(
            asked.Service, asked.Request, peer.Service, headers.TraceParent.ToString(), headers.TraceState.ToString(), headers[AskWire.RequestId].ToString());
        try
        {
            await AnswerAsync(context, asked.Service, answer);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The asker went away.
        }
        catch (Microsoft.AspNetCore.Http.BadHttpRequestException e)
        {
            context.Response.StatusCode = e.StatusCode;
        }
        catch (Exception e) when (!context.Response.HasStarted)
        {
            await FailAsync(context, asked.Service, asked.Request, e);
        }
    }

    private async Task AnswerAsync(HttpContext context, string service, AskAnswer answer)
    {
        var limit = AskWire.DeadlineOf(context.Request.Headers[AskWire.Deadline], answer.Type.Contract.DeadlineSeconds);
        using var reader = new StreamReader(context.Request.Body, Encoding.UTF8);
        var body = await reader.ReadToEndAsync(context.RequestAborted);
        var reply = await answers.AnswerAsync(service, answer, body, limit, context.RequestAborted);
        if (reply.Problem is { } problem)
        {
            await TellAsync(context, problem);
            return;
        }

        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(reply.Response!, context.RequestAborted);
    }

    private async Task FailAsync(HttpContext context, string service, string request, Exception exception)
    {
        // Broken infrastructure is told as such; a bug stays in this log.
        if (ExceptionToProblem.Of(exception) is { Kind: ProblemKind.Unavailable } unavailable)
        {
            await TellAsync(context, unavailable);
            return;
        }

        LogFailed(service, request, context.Request.Headers[AskWire.RequestId].ToString(), exception);
        context.Response.StatusCode = AskWire.Failed;
    }

    private static Task TellAsync(HttpContext context, Problem problem)
    {
        context.Response.StatusCode = AskWire.Problem;
        return context.Response.WriteAsJsonAsync(problem, Json.Options, context.RequestAborted);
    }

    private Peer Verify(X509Certificate2? certificate)
    {
        if (certificate is null)
            return new Peer(null, "it showed no certificate");
        var generation = certificates.TrustGeneration;
        if (_verified.TryGetValue(certificate, out var verified) && verified.TrustGeneration == generation && time.GetUtcNow().UtcDateTime <= verified.NotAfter)
            return verified.Peer;
        verified = new Verified(certificates.Verify(certificate, CertificateAuthority.ClientAuthentication), generation, certificate.NotAfter.ToUniversalTime());
        _verified.AddOrUpdate(certificate, verified);
        return verified.Peer;
    }

    private ValueTask<SslServerAuthenticationOptions> SecureAsync(TlsHandshakeCallbackContext context) => ValueTask.FromResult(new SslServerAuthenticationOptions
    {
        ServerCertificateContext = certificates.ForCallOf(ServiceIdentity.OfHost(context.ClientHelloInfo.ServerName)).Context,
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        ApplicationProtocols = [SslApplicationProtocol.Http2],
        AllowTlsResume = false,
        AllowRenegotiation = false,
        ClientCertificateRequired = true,
        CertificateChainPolicy = certificates.Policy(),
        RemoteCertificateValidationCallback = (_, certificate, _, _) =>
        {
            var peer = certificates.Verify(certificate, CertificateAuthority.ClientAuthentication);
            if (peer.Refusal is not null)
                LogStranger(context.Connection.RemoteEndPoint?.ToString(), peer.Refusal);
            return peer.Refusal is null;
        },
    });

    [LoggerMessage(Level = LogLevel.Information, Message = "Services in other processes ask at {Address}")]
    private partial void LogListening(Uri address);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A connection from {Address} is refused: {Reason}")]
    private partial void LogStranger(string? address, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Service} failed to answer {Request} (request {RequestId})")]
    private partial void LogFailed(string service, string request, string requestId, Exception exception);

    private sealed record Verified(Peer Peer, int TrustGeneration, DateTime NotAfter);
}
