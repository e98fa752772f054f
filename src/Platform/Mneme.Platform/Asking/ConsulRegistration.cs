using System.Globalization;
using System.Net;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Mneme.Platform.Observability;
using Mneme.Platform.Services;

namespace Mneme.Platform.Asking;

/// <summary>
/// Tells Consul where the services of this process answer: once they do, then as a sign of life that says whether they are ready, and at the end, before requests
/// are refused, that they go. An agent that has forgotten them is told again.
/// </summary>
internal sealed partial class ConsulRegistration(
    ConsulClient consul, AskOptions options, AskListener listener, ServiceRegistry registry, Health health, ILogger<ConsulRegistration> logger) : IHostedLifecycleService, IDisposable
{
    private readonly CancellationTokenSource _ended = new();
    private readonly string _instance = Guid.NewGuid().ToString("n")[..12];
    private readonly HashSet<string> _registered = new(StringComparer.Ordinal);
    private Task _telling = Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        if (listener.Address is { } address)
            _telling = Task.Run(() => TellAsync(address.Port, _ended.Token), CancellationToken.None);
        return Task.CompletedTask;
    }

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        await _ended.CancelAsync();
        await _telling;
        foreach (var service in _registered)
        {
            try
            {
                await consul.DeregisterAsync(IdOf(service), cancellationToken);
            }
            catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
            {
                // It notices by itself that there is no sign of life any more.
                LogFailed(service, e.Message);
            }
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _ended.Dispose();

    private async Task TellAsync(int port, CancellationToken ct)
    {
        using var timer = new PeriodicTimer(options.Consul.Ttl / 3);
        var isFailing = false;
        try
        {
            do
            {
                var report = await health.CheckAsync();
                var isReady = report.Status == HealthStatus.Ok;
                var failure = await TellAllAsync(port, isReady, ct);
                if (failure is not null && !isFailing)
                    LogFailed(string.Join(", ", registry.Services.Select(s => s.Name)), failure);
                isFailing = failure is not null;
            }
            while (await timer.WaitForNextTickAsync(ct));
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // The process stops.
        }
    }

    /// <returns>What went wrong, if anything did.</returns>
    private async Task<string?> TellAllAsync(int port, bool isReady, CancellationToken ct)
    {
        string? failure = null;
        foreach (var service in registry.Services.Select(s => s.Name))
        {
            try
            {
                await TellAsync(service, port, isReady, ct);
            }
            catch (Exception e) when (e is HttpRequestException || e is OperationCanceledException && !ct.IsCancellationRequested)
            {
                failure = e.Message;
            }
        }

        return failure;
    }

    private async Task TellAsync(string service, int port, bool isReady, CancellationToken ct)
    {
        if (_registered.Contains(service))
        {
            try
            {
                await consul.UpdateCheckAsync(CheckOf(service), isReady, isReady ? "ready" : "not ready", ct);
                return;
            }
            // Older agents answer 500 for a check that they do not know.
            catch (HttpRequestException e) when (e.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.InternalServerError)
            {
                _registered.Remove(service);
            }
        }

        await consul.RegisterAsync(
            new ConsulService(IdOf(service), options.Consul.Prefix + service, options.Consul.Advertise ?? options.Bind, port, new ConsulCheck(
                CheckOf(service), GoDuration(options.Consul.Ttl), isReady ? "passing" : "critical", GoDuration(TimeSpan.FromTicks(Math.Max((options.Consul.Ttl * 10).Ticks, TimeSpan.FromMinutes(1).Ticks))))), ct);
        _registered.Add(service);
        LogRegistered(service, IdOf(service));
    }

    private string IdOf(string service) => $"{options.Consul.Prefix}{service}-{_instance}";

    private string CheckOf(string service) => $"{IdOf(service)}-ready";

    private static string GoDuration(TimeSpan duration) => string.Create(CultureInfo.InvariantCulture, $"{(long)duration.TotalMilliseconds}ms");

    [LoggerMessage(Level = LogLevel.Information, Message = "{Service} is registered with Consul as {Id}")]
    private partial void LogRegistered(string service, string id);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Consul could not be told of {Service}: {Reason}")]
    private partial void LogFailed(string service, string reason);
}
