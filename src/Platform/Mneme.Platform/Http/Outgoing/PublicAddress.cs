using System.Net;
using System.Net.Sockets;

namespace Mneme.Platform.Http.Outgoing;

/// <summary>
/// Tells addresses of the public internet from all others, by the IANA special-purpose registries for IPv4 and IPv6 (RFC 6890 and its updates). Of IPv6
/// only global unicast is public, without what carries an IPv4 address inside: a tunnel would lead to the private network that such an address names.
/// </summary>
public static class PublicAddress
{
    private static readonly IPNetwork[] ReservedIPv4 = Networks(
        "0.0.0.0/8",          // this network
        "10.0.0.0/8",         // private
        "100.64.0.0/10",      // carrier-grade NAT
        "127.0.0.0/8",        // loopback
        "169.254.0.0/16",     // link-local, with the clouds' metadata servers
        "172.16.0.0/12",      // private
        "192.0.0.0/24",       // protocol assignments
        "192.0.2.0/24",       // documentation
        "192.88.99.0/24",     // 6to4 relays
        "192.168.0.0/16",     // private
        "198.18.0.0/15",      // benchmarks
        "198.51.100.0/24",    // documentation
        "203.0.113.0/24",     // documentation
        "224.0.0.0/4",        // multicast
        "240.0.0.0/4");       // reserved, with broadcast

    private static readonly IPNetwork GlobalUnicast = IPNetwork.Parse("2000::/3");

    private static readonly IPNetwork[] ReservedIPv6 = Networks(
        "2001::/23",          // protocol assignments, with Teredo, ORCHID and benchmarks
        "2001:db8::/32",      // documentation
        "2002::/16",          // 6to4
        "3fff::/20");         // documentation

    /// <summary>Whether the address belongs to the public internet. Mapped and compatible IPv4 (<c>::ffff:8.8.8.8</c>) never does.</summary>
    public static bool IsPublic(IPAddress address) => address.AddressFamily switch
    {
        AddressFamily.InterNetwork => !ReservedIPv4.Any(network => network.Contains(address)),
        AddressFamily.InterNetworkV6 => !address.IsIPv4MappedToIPv6 && GlobalUnicast.Contains(address) && !ReservedIPv6.Any(network => network.Contains(address)),
        _ => false,
    };

    private static IPNetwork[] Networks(params ReadOnlySpan<string> networks)
    {
        var parsed = new IPNetwork[networks.Length];
        for (var i = 0; i < networks.Length; i++)
            parsed[i] = IPNetwork.Parse(networks[i]);
        return parsed;
    }
}
