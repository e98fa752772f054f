using System.Globalization;
using System.Net;

namespace Mneme.Platform.Http.Outgoing;

/// <summary>Where requests to addresses from outside may go, and how much they may take.</summary>
public sealed class OutgoingPolicy
{
    private readonly HashSet<int> _ports;
    private readonly HashSet<(string Host, int? Port)> _privateHosts;

    /// <param name="allowedPorts">Ports separated by commas, such as <c>80,443</c>.</param>
    /// <param name="privateHosts">Hosts that are reached although they are on a private network, each with its port if that is not an allowed one; separated by commas.</param>
    public OutgoingPolicy(string allowedPorts = "80,443", string privateHosts = "")
    {
        _ports = [.. Items(allowedPorts).Select(port => int.Parse(port, CultureInfo.InvariantCulture))];
        _privateHosts = [.. Items(privateHosts).Select(HostAndPort)];
    }

    /// <summary>Sent as User-Agent, so that a site's operator knows who asks.</summary>
    public string UserAgent { get; init; } = "Mneme/0.1 (self-hosted learning platform)";

    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Limit of a whole request: all redirects, and the last byte of the body.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    public int MaxRedirects { get; init; } = 5;

    /// <summary>Largest body, after decompression.</summary>
    public int MaxBodyBytes { get; init; } = 5_000_000;

    /// <summary>Why this address is not called, for the person; null if nothing speaks against it. Names are checked again when they are resolved.</summary>
    public string? Refusal(Uri address)
    {
        var host = OutgoingAddress.HostOf(address);
        if (IsPrivateHost(host, address.Port))
            return null;
        if (!_ports.Contains(address.Port))
            return $"Port {address.Port} is not one that this installation calls ({string.Join(", ", _ports.Order())}).";
        var isLocal = host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase);
        return isLocal || IPAddress.TryParse(host, out var literal) && !PublicAddress.IsPublic(literal) ? OutgoingException.RefusedAddress : null;
    }

    /// <summary>Whether a connection may be made for this host and port to this address, which the host resolved to.</summary>
    public bool MayConnect(string host, int port, IPAddress address) => IsPrivateHost(host, port) || _ports.Contains(port) && PublicAddress.IsPublic(address);

    private bool IsPrivateHost(string host, int port)
    {
        var name = host.TrimEnd('.').ToLowerInvariant();
        return _privateHosts.Contains((name, port)) || _ports.Contains(port) && _privateHosts.Contains((name, null));
    }

    private static (string Host, int? Port) HostAndPort(string item)
    {
        var bracket = item.LastIndexOf(']');
        var colon = item.LastIndexOf(':');
        var hasPort = colon > bracket && (bracket >= 0 || item.IndexOf(':') == colon);
        var host = (hasPort ? item[..colon] : item).Trim('[', ']').ToLowerInvariant();
        return (host, hasPort ? int.Parse(item.AsSpan(colon + 1), CultureInfo.InvariantCulture) : null);
    }

    private static string[] Items(string list) => list.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
