using System.Net;
using System.Net.Sockets;

namespace Mneme.Platform.Hosting;

/// <summary>Ports on loopback for programs that are started from here and have to be told theirs.</summary>
public static class LoopbackPort
{
    /// <summary>A port that nobody listens on now; another one the next time.</summary>
    public static int Free()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
