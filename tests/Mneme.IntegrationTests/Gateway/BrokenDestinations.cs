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

/// <summary>Like a host that is not there: connections to it are neither accepted nor refused, because its queue of them is full.</summary>
internal sealed class Absent : IDisposable
{
    private readonly Socket _listener = new(SocketType.Stream, ProtocolType.Tcp);
    private readonly List<Socket> _queued = [];

    public Absent()
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen(0);
        for (var i = 0; i < 4; i++)
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { Blocking = false };
            _queued.Add(socket);
            try
            {
                socket.Connect(_listener.LocalEndPoint!);
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.WouldBlock or SocketError.InProgress)
            {
                // Nobody waits for it.
            }
        }
    }

    public Uri Address => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndPoint!).Port}");

    public void Dispose()
    {
        _listener.Dispose();
        _queued.ForEach(socket => socket.Dispose());
    }
}
