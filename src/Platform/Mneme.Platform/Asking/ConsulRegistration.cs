using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Mneme.Platform.Http;
using Mneme.Platform.Observability;
using Mneme.Platform.Services;

namespace Mneme.Platform.Asking;

/// <summary>
/// Tells Consul where the services of this process answer, those who ask and the public: once they do, then as a sign of life that says whether they are ready, and
/// at the end, before requests are refused, that they go. An agent that has forgotten them is told again.
/// </summary>
internal sealed partial class ConsulRegistration(
    ConsulClient consul, AskOptions options, HttpOptions http, AskListener listener, IServer server, ServiceRegistry registry, Health health, ILogger<ConsulRegistration> logger)
    : IHostedLifecycleService, IDisposable
{
    private readonly CancellationTokenSource _ended = new();
    private readonly string _instance = Guid.NewGuid().ToString("n")[..12];
    private IReadOnlyList<Registration> _registrations = [];
    private Task _telling = Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        _registrations = [.. Registrations()];
        _telling = Task.Run(() => TellAsync(_ended.Token), CancellationToken.None);
        return Task.CompletedTask;
    }

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        await _ended.CancelAsync();
        await _telling;
        // All at once: an agent that hangs must not hold the end up once for each.
        await Task.WhenAll(_registrations.Where(registration => registration.IsKnown).Select(registration => DeregisterAsync(registration, cancellationToken)));
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _ended.Dispose();

    /// <summary>What Consul is told about the address of a public API.</summary>
    /// <param name="bind">The address that it listens on.</param>
    /// <param name="advertise">The address that is configured for telling others.</param>
    /// <param name="askBind">The address that the listener for asking is on.</param>
    /// <returns>The address, empty for that of Consul's node; null if it must not be told: nobody but this machine reaches it, and the others of this process are told to others.</returns>
    internal static string? PublicAddress(string bind, string? advertise, string askBind)
    {
        if (IsOf(bind, IPAddress.IsLoopback))
            return IsOf(advertise ?? askBind, IPAddress.IsLoopback) ? bind : null;
        return advertise ?? (IsOf(bind, ip => ip.Equals(IPAddress.Any) || ip.Equals(IPAddress.IPv6Any)) ? "" : bind);
    }

    private static bool IsOf(string address, Func<IPAddress, bool> kind) => IPAddress.TryParse(address, out var ip) && kind(ip);

    private IEnumerable<Registration> Registrations()
    {
        var names = registry.Services.Select(service => service.Name).ToList();
        if (listener.Address is { } asked)
        {
            foreach (var service in names)
                yield return Registered(options.Consul.AskNameOf(service), options.Consul.Advertise ?? options.Bind, asked.Port);
        }

        if (PublicAddress(http.Bind, options.Consul.Advertise, options.Bind) is not { } address)
        {
            LogNotPublic(http.Bind);
            yield break;
        }

        var port = server.Features.Get<IServerAddressesFeature>()!.Addresses.Select(a => new Uri(a)).First(a => a.Scheme == Uri.UriSchemeHttp).Port;
        foreach (var service in names)
            yield return Registered(options.Consul.HttpNameOf(service), address.Length > 0 ? address : null, port);
    }

    private Registration Registered(string name, string? address, int port)
    {
        var id = $"{name}-{_instance}";
        var forgetAfter = TimeSpan.FromTicks(Math.Max((options.Consul.Ttl * 10).Ticks, TimeSpan.FromMinutes(1).Ticks));
        return new Registration(new ConsulService(
            id, name, address, port, options.Consul.TagList, new ConsulCheck($"{id}-ready", GoDuration(options.Consul.Ttl), "critical", GoDuration(forgetAfter))));
    }

    private async Task TellAsync(CancellationToken ct)
    {
        using var timer = new PeriodicTimer(options.Consul.Ttl / 3);
        var isFailing = false;
        try
        {
            do
            {
                var report = await health.CheckAsync();
                var failures = await Task.WhenAll(_registrations.Select(registration => TryTellAsync(registration, report.Status == HealthStatus.Ok, ct)));
                var failure = failures.FirstOrDefault(reason => reason is not null);
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
    private async Task<string?> TryTellAsync(Registration registration, bool isReady, CancellationToken ct)
    {
        try
        {
            await TellAsync(registration, isReady, ct);
            return null;
        }
        catch (Exception e) when (e is HttpRequestException || e is OperationCanceledException && !ct.IsCancellationRequested)
        {
            return e.Message;
        }
    }

    private async Task TellAsync(Registration registration, bool isReady, CancellationToken ct)
    {
        var service = registration.Service;
        if (registration.IsKnown)
        {
            try
            {
                await consul.UpdateCheckAsync(service.Check.CheckId, isReady, isReady ? "ready" : "not ready", ct);
                return;
            }
            // Older agents answer 500 for a check that they do not know.
            catch (HttpRequestException e) when (e.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.InternalServerError)
            {
                registration.IsKnown = false;
            }
        }

        // Not given up halfway when the process stops: what Consul may know has to be taken away again.
        await consul.RegisterAsync(service with { Check = service.Check with { Status = isReady ? "passing" : "critical" } }, CancellationToken.None);
        registration.IsKnown = true;
        LogRegistered(service.Name, service.Id);
    }

    private async Task DeregisterAsync(Registration registration, CancellationToken ct)
    {
        try
        {
            await consul.DeregisterAsync(registration.Service.Id, ct);
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            // It notices by itself that there is no sign of life any more.
            LogFailed(registration.Service.Name, e.Message);
        }
    }

    private static string GoDuration(TimeSpan duration) => string.Create(CultureInfo.InvariantCulture, $"{(long)duration.TotalMilliseconds}ms");

    [LoggerMessage(Level = LogLevel.Information, Message = "{Service} is registered with Consul as {Id}")]
    private partial void LogRegistered(string service, string id);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Consul could not be told of {Service}: {Reason}")]
    private partial void LogFailed(string service, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "Consul is not told of the public API, which only this machine reaches at {Address}: a gateway on another one needs Http__Bind")]
    private partial void LogNotPublic(string address);

    /// <summary>What Consul is told, and whether it was.</summary>
    private sealed class Registration(ConsulService service)
    {
        public ConsulService Service { get; } = service;

        public bool IsKnown { get; set; }
    }
}
