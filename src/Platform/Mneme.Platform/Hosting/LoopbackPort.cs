using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Mneme.Platform.Hosting;

/// <summary>Ports on loopback for programs that are started from here and have to be told theirs.</summary>
public static class LoopbackPort
{
    private const int Lowest = 10_000;
    private const int FewestToChooseFrom = 1000;

    private static readonly Lock Gate = new();
    private static readonly HashSet<int> Given = [];

    /// <summary>A port that nobody listens on now; another one each time.</summary>
    /// <remarks>
    /// None of those that the system gives to outgoing connections, as long as it leaves enough others: one of them could get it before the program listens there, or while it is started again.
    /// </remarks>
    public static int Free()
    {
        lock (Gate)
        {
            var (lowest, highest) = Choice(SystemRange());
            while (true)
            {
                var port = highest - lowest < FewestToChooseFrom ? 0 : Random.Shared.Next(lowest, highest + 1);
                if (TryListen(ref port) && Given.Add(port))
                    return port;
            }
        }
    }

    /// <summary>The ports below the system's own, or those above them if they are more.</summary>
    internal static (int Lowest, int Highest) Choice((int First, int Last) system) =>
        system.First - Lowest >= IPEndPoint.MaxPort - system.Last ? (Lowest, system.First - 1) : (system.Last + 1, IPEndPoint.MaxPort);

    /// <summary>The ports that the system gives to outgoing connections.</summary>
    internal static (int First, int Last) SystemRange()
    {
        var range = File.ReadAllText("/proc/sys/net/ipv4/ip_local_port_range").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        return (int.Parse(range[0], CultureInfo.InvariantCulture), int.Parse(range[1], CultureInfo.InvariantCulture));
    }

    private static bool TryListen(ref int port)
    {
        using var listener = new TcpListener(IPAddress.Loopback, port);
        try
        {
            listener.Start();
            port = ((IPEndPoint)listener.LocalEndpoint).Port;
            return true;
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.AddressAlreadyInUse or SocketError.AccessDenied)
        {
            return false;
        }
    }
}
