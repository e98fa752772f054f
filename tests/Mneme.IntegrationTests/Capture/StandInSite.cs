using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Mneme.IntegrationTests.Capture;

/// <summary>A web site on loopback whose pages tests write.</summary>
internal sealed class StandInSite : IAsyncDisposable
{
    public const string Host = "127.0.0.1";

    private readonly Dictionary<string, RequestDelegate> _pages = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();
    private WebApplication? _app;
    private int _requests;

    public int Port { get; private set; }

    /// <summary>How many requests came, for whatever address.</summary>
    public int Requests => _requests;

    /// <summary>Puts a page on the site, at an address of its own.</summary>
    public Uri Add(RequestDelegate page, string name = "page")
    {
        var path = $"/{Guid.NewGuid():n}/{name}";
        lock (_lock)
            _pages[path] = page;
        return new Uri($"http://{Host}:{Port}{path}");
    }

    public Uri Add(string html, string contentType = "text/html; charset=utf-8") => Add(context =>
    {
        context.Response.ContentType = contentType;
        return context.Response.WriteAsync(html);
    });

    public async Task StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(IPAddress.Loopback, 0);
        });
        _app = builder.Build();
        _app.Run(context =>
        {
            Interlocked.Increment(ref _requests);
            RequestDelegate? page;
            lock (_lock)
                _pages.TryGetValue(context.Request.Path, out page);
            if (page is not null)
                return page(context);
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        });
        await _app.StartAsync();
        Port = new Uri(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()).Port;
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
            await _app.DisposeAsync();
    }
}
