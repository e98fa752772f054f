using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Mneme.Platform.Http.Outgoing;

/// <summary>Finds the addresses of a host, as <see cref="Dns.GetHostAddressesAsync(string, CancellationToken)"/> does.</summary>
public delegate Task<IPAddress[]> HostResolver(string host, CancellationToken ct);

/// <summary>
/// Connects to the very address that was checked: a name that answers with a public address when it is checked and with a private one when it is
/// connected to (DNS rebinding) gains nothing, as it is resolved once.
/// </summary>
public static class CheckedConnection
{
    /// <summary>
    /// A handler for requests to addresses from outside: no proxy, no cookies, no credentials, no redirects followed by itself, and no trace context sent.
    /// </summary>
    public static SocketsHttpHandler CreateHandler(OutgoingPolicy policy, HostResolver? resolver = null) => new()
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        Credentials = null,
        PreAuthenticate = false,
        ActivityHeadersPropagator = null,
        AutomaticDecompression = DecompressionMethods.All,
        ConnectTimeout = policy.ConnectTimeout,
        MaxResponseHeadersLength = 32,
        ResponseHeaderEncodingSelector = (_, _) => Encoding.UTF8,
        // What was not read is not worth reading: close instead.
        MaxResponseDrainSize = 0,
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(5),
        PooledConnectionLifetime = TimeSpan.FromMinutes(1),
        ConnectCallback = async (context, ct) => await ConnectAsync(policy, resolver ?? Dns.GetHostAddressesAsync, context.DnsEndPoint, ct),
    };

    private static async Task<NetworkStream> ConnectAsync(OutgoingPolicy policy, HostResolver resolve, DnsEndPoint target, CancellationToken ct)
    {
        var found = IPAddress.TryParse(target.Host, out var literal) ? [literal] : await resolve(target.Host, ct);
        // IPv4 first: a machine without IPv6 would wait in vain for the others. Where there is DNS64, an address of the private kind (NAT64) stands beside
        // the public one, so those that are not called are left out rather than counted against the rest.
        var allowed = found.Where(address => policy.MayConnect(target.Host, target.Port, address)).OrderBy(address => address.AddressFamily).Take(4).ToList();
        if (allowed.Count == 0)
        {
            throw found.Length == 0
                ? new SocketException((int)SocketError.HostNotFound)
                : new OutgoingException(OutgoingFailure.Refused, OutgoingException.RefusedAddress);
        }

        for (var i = 0; ; i++)
        {
            var socket = new Socket(allowed[i].AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(new IPEndPoint(allowed[i], target.Port), ct);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch (Exception e)
            {
                socket.Dispose();
                if (e is not SocketException || i == allowed.Count - 1)
                    throw;
            }
        }
    }
}
