using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Mneme.IntegrationTests.Gateway;

/// <summary>Takes connections and requests, and hangs up without a word.</summary>
internal sealed class HangUp : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Task _loop;
    private int _requests;

    public HangUp()
    {
        _listener.Start();
        _loop = RunAsync();
    }

    public Uri Address => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");

    public int Requests => Volatile.Read(ref _requests);

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _loop;
    }

    private async Task RunAsync()
    {
        var buffer = new byte[4096];
        try
        {
            while (true)
            {
                using var socket = await _listener.AcceptSocketAsync();
                // The first bytes are a request; only what is not a probe counts.
                var read = await socket.ReceiveAsync(buffer);
                if (read > 0 && !buffer.AsSpan(0, read).StartsWith("GET /health"u8))
                    Interlocked.Increment(ref _requests);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Stopped.
        }
    }
}

/// <summary>Answers like another destination, and says whether it is ready as it is told to.</summary>
internal sealed class Moody : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly HttpClient _other;
    private int _requests;

    private Moody(Uri other)
    {
        _other = new HttpClient { BaseAddress = other };
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        _app = builder.Build();
        _app.Run(AnswerAsync);
    }

    public Uri Address => new(_app.Urls.First());

    public volatile bool IsReady = true;

    public static async Task<Moody> StartAsync(Uri other)
    {
        var moody = new Moody(other);
        await moody._app.StartAsync(CancellationToken.None);
        return moody;
    }

    public int Requests => Volatile.Read(ref _requests);

    public async ValueTask DisposeAsync()
    {
        _other.Dispose();
        await _app.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext http)
    {
        if (http.Request.Path == "/health/ready")
        {
            http.Response.StatusCode = IsReady ? 200 : 503;
            return;
        }

        Interlocked.Increment(ref _requests);
        http.Response.ContentType = "application/json";
        await http.Response.WriteAsync(await _other.GetStringAsync(http.Request.Path));
    }
}
