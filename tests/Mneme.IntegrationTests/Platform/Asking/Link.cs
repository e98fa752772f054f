using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Mneme.IntegrationTests.Platform.Asking;

/// <summary>A network between two processes that tests can cut: it relays connections to an address, or closes them as they come.</summary>
public sealed class Link : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentDictionary<TcpClient, bool> _open = new();
    private readonly Task _accepting;
    private int _connections;

    public Link(Uri? target = null)
    {
        Target = target;
        _listener.Start();
        Address = new Uri($"https://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");
        _accepting = AcceptAsync();
    }

    public Uri Address { get; }

    /// <summary>Where it leads; null for nowhere yet.</summary>
    public Uri? Target { get; set; }

    /// <summary>Connections that came, relayed or not.</summary>
    public int Connections => Volatile.Read(ref _connections);

    /// <summary>Whether new connections are closed as they come.</summary>
    public bool IsDown { get; set; }

    /// <summary>Breaks the connections that are open.</summary>
    public void Cut()
    {
        foreach (var client in _open.Keys)
            client.Client.Close(timeout: 0);
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        Cut();
        await _accepting;
        _listener.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            TcpClient client;
            try
            {
                client = await _listener.AcceptTcpClientAsync();
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                return;
            }

            Interlocked.Increment(ref _connections);
            if (IsDown || Target is null)
                client.Dispose();
            else
                _ = RelayAsync(client, Target);
        }
    }

    private async Task RelayAsync(TcpClient client, Uri target)
    {
        using var server = new TcpClient();
        _open[client] = true;
        try
        {
            await server.ConnectAsync(target.Host, target.Port);
            await Task.WhenAny(client.GetStream().CopyToAsync(server.GetStream()), server.GetStream().CopyToAsync(client.GetStream()));
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // One side is gone, and with it the other.
        }
        finally
        {
            _open.TryRemove(client, out _);
            client.Dispose();
        }
    }
}
