using System.Net;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Mneme.Platform.Http;
using Mneme.Platform.Observability;

namespace Mneme.Platform.Hosting;

/// <summary>
/// What operators' tools read: metrics and the state of each dependency. A server of its own and not a route of the public one, so that no mistake in a
/// route or a proxy can show the one on the other.
/// </summary>
internal sealed partial class ManagementListener(
    HttpOptions options, Metrics metrics, Health health, IServiceProvider services, ILoggerFactory loggers, ILogger<ManagementListener> logger)
    : IHostedService, IHttpApplication<HttpContext>, IAsyncDisposable
{
    private KestrelServer? _server;

    /// <summary>Where it listens; null if it is off or has not started.</summary>
    public Uri? Address { get; private set; }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (options.ManagementPort < 0)
            return;
        var kestrel = new KestrelServerOptions { ApplicationServices = services, AddServerHeader = false };
        kestrel.Limits.MaxConcurrentConnections = 100;
        kestrel.Limits.MaxRequestBodySize = 0;
        kestrel.Listen(IPAddress.Parse(options.ManagementBind), options.ManagementPort);
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
        ResponseHeaders.Apply(context);
        var response = context.Response;
        switch (HttpMethods.IsGet(context.Request.Method) ? context.Request.Path.Value : null)
        {
            case "/metrics":
                response.ContentType = PrometheusText.ContentType;
                await metrics.WriteAsync(response.BodyWriter, context.RequestAborted);
                break;
            case "/health/details":
                var report = await health.CheckAsync();
                response.StatusCode = report.Status == HealthStatus.Ok ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
                await response.WriteAsJsonAsync(report, Json.Options, context.RequestAborted);
                break;
            default:
                await OutcomeResult.Of(new Domain.Problem(Domain.ProblemKind.NotFound, "not-found", "Here are /metrics and /health/details, to be read with GET.")).ExecuteAsync(context);
                break;
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Metrics and details of health are at {Address}")]
    private partial void LogListening(Uri address);
}
