using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;

namespace Mneme.Platform.Http.Outgoing;

/// <summary>
/// Reads web addresses that people or programs hand in. Two readers of one address must never see two hosts in it, so everything that
/// is read differently by different programs is refused instead of interpreted: user names, backslashes, numbers for a host.
/// </summary>
public static class OutgoingAddress
{
    public const int MaxLength = 2_000;

    private static readonly SearchValues<char> NeverInAuthority = SearchValues.Create("%|<>^`{}\"");

    /// <param name="text">An absolute http or https address.</param>
    /// <param name="address">The address, its host in lower case.</param>
    /// <param name="problem">For the person: what is wrong with it.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out Uri? address, [NotNullWhen(false)] out string? problem)
    {
        problem = Read(text, out address);
        if (problem is not null)
            address = null;
        return address is not null;
    }

    /// <summary>The host as it is looked up: in ASCII, without the root's dot.</summary>
    public static string HostOf(Uri address) => address.IdnHost.TrimEnd('.');

    /// <summary>The address in the one form that all spellings of it share; the fragment is not sent, and not part of it.</summary>
    public static string Normalise(Uri address)
    {
        var host = address.HostNameType == UriHostNameType.IPv6 ? $"[{HostOf(address)}]" : HostOf(address);
        return address.IsDefaultPort
            ? $"{address.Scheme}://{host}{address.PathAndQuery}"
            : string.Create(CultureInfo.InvariantCulture, $"{address.Scheme}://{host}:{address.Port}{address.PathAndQuery}");
    }

    private static string? Read(string text, out Uri? address)
    {
        address = null;
        if (text.Length > MaxLength)
            return $"The address is longer than {MaxLength} characters.";
        if (text.Any(c => c <= ' ' || char.IsControl(c) || char.IsWhiteSpace(c) || c is '\\' or '\u200b' or '\ufeff'))
            return "The address contains spaces or other characters that no address has.";
        var authorityStart = text.StartsWith("http://", StringComparison.OrdinalIgnoreCase) ? 7 : text.StartsWith("https://", StringComparison.OrdinalIgnoreCase) ? 8 : 0;
        if (authorityStart == 0)
            return "Give the whole address of a web page, beginning with https:// or http://.";
        var authority = text.AsSpan(authorityStart);
        if (authority.IndexOfAny("/?#") is var end and >= 0)
            authority = authority[..end];
        if (authority.Contains('@'))
            return "The address contains a user name or password. Leave them out.";
        if (authority.IsEmpty || authority.ContainsAny(NeverInAuthority) || !Uri.TryCreate(text, UriKind.Absolute, out var uri))
            return "This is not the address of a web page.";
        if (uri.Port == 0 || HostProblem(uri, authority) is not null)
            return HostProblem(uri, authority) ?? "This is not the address of a web page.";
        address = uri;
        return null;
    }

    private static string? HostProblem(Uri uri, ReadOnlySpan<char> authority)
    {
        const string NotAHost = "The address does not name a host, such as example.org.";
        string host;
        try
        {
            host = HostOf(uri);
        }
        catch (UriFormatException)
        {
            return NotAHost;
        }

        switch (uri.HostNameType)
        {
            case UriHostNameType.IPv6:
                // A zone, as in fe80::1%eth0, means something on this machine only; the percent sign is refused above.
                return null;
            case UriHostNameType.IPv4:
                // 0177.0.0.1, 0x7f.1 and 2130706433 are read as an address by some programs, and as a name by others.
                var given = authority.IndexOf(':') is var colon and >= 0 ? authority[..colon] : authority;
                return given.SequenceEqual(host) ? null : NotAHost;
            case UriHostNameType.Dns when host.Length is > 0 and <= 253:
                var lastLabel = host[(host.LastIndexOf('.') + 1)..];
                return IPAddress.TryParse(host, out _) || lastLabel.Length == 0 || lastLabel.All(char.IsAsciiDigit) || lastLabel.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
                    ? NotAHost
                    : null;
            default:
                return NotAHost;
        }
    }
}
