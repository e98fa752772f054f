using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Mneme.Platform.Http;

namespace Mneme.Platform.Hosting;

/// <summary>
/// The first step of stopping: readiness fails at once, while requests are taken for a little longer, so that load balancers notice. Each answer then closes its connection, so that the listener has none left to cut off when it goes.
/// </summary>
internal sealed class Draining(HttpOptions options, IHostApplicationLifetime lifetime) : IHostedLifecycleService
{
    private volatile bool _isStopped;

    // A signal says so before the host stops; a host that is stopped by its program says it only afterwards.
    public bool HasBegun => _isStopped || lifetime.ApplicationStopping.IsCancellationRequested;

    public Task StoppingAsync(CancellationToken cancellationToken)
    {
        _isStopped = true;
        // Real time: load balancers have no other.
        return Task.Delay(options.DrainDelay, cancellationToken);
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    internal void CloseConnectionIfBegun(HttpContext context)
    {
        if (HasBegun && HttpProtocol.IsHttp11(context.Request.Protocol))
            context.Response.Headers.Connection = "close";
    }
}
