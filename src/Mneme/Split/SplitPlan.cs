using System.Globalization;
using Mneme.Platform.Asking;
using Mneme.Platform.Services;

namespace Mneme.Split;

/// <summary>One process of a split installation.</summary>
/// <param name="Target">The target it serves.</param>
/// <param name="Port">Its port for HTTP, on loopback but for the gateway's.</param>
/// <param name="Settings">What it is told beyond what is configured anyway, as in the environment.</param>
internal sealed record PlannedProcess(string Target, int Port, IReadOnlyDictionary<string, string?> Settings);

/// <summary>Which processes a split installation on one machine consists of, and how they find each other. Pure.</summary>
internal static class SplitPlan
{
    /// <param name="catalog">Every service of the system: each gets a process.</param>
    /// <param name="publicPort">The gateway's port.</param>
    /// <param name="common">What every process is told: database, broker, certificates.</param>
    /// <param name="transport">What they ask each other over; over the broker nobody needs an address.</param>
    /// <param name="freePort">Gives a port that nobody uses, another one each time.</param>
    /// <returns>The services, and the gateway last.</returns>
    public static IReadOnlyList<PlannedProcess> Of(
        IReadOnlyList<ServiceDescription> catalog, int publicPort, IReadOnlyDictionary<string, string?> common, AskTransport transport, Func<int> freePort)
    {
        var ports = catalog.ToDictionary(service => service.Name, _ => (Http: freePort(), Ask: freePort(), Management: freePort()), StringComparer.Ordinal);
        var addresses = transport == AskTransport.Broker ? [] : ports.Select(port => KeyValuePair.Create($"Ask__Addresses__{port.Key}", (string?)$"https://127.0.0.1:{Text(port.Value.Ask)}"));
        var processes = catalog.Select(service => new PlannedProcess(service.Name, ports[service.Name].Http, Merge(
            common,
            addresses.Where(address => address.Key != $"Ask__Addresses__{service.Name}"),
            new Dictionary<string, string?>(StringComparer.Ordinal)
            {
                ["Http__Port"] = Text(ports[service.Name].Http),
                ["Http__Bind"] = "127.0.0.1",
                ["Http__ManagementPort"] = Text(ports[service.Name].Management),
                // The gateway's, whose word about the caller's address counts.
                ["Http__TrustedProxies"] = "127.0.0.1",
                ["Ask__Port"] = transport == AskTransport.Broker ? "-1" : Text(ports[service.Name].Ask),
                ["Ask__Bind"] = "127.0.0.1",
            })));
        var gateway = new PlannedProcess(Targets.Gateway, publicPort, Merge(
            common,
            addresses,
            ports.Select(port => KeyValuePair.Create($"Gateway__Destinations__{port.Key}", (string?)$"http://127.0.0.1:{Text(port.Value.Http)}")),
            new Dictionary<string, string?>(StringComparer.Ordinal) { ["Http__Port"] = Text(publicPort) }));
        return [.. processes, gateway];
    }

    private static string Text(int port) => port.ToString(CultureInfo.InvariantCulture);

    private static Dictionary<string, string?> Merge(params IEnumerable<IEnumerable<KeyValuePair<string, string?>>> settings)
    {
        var merged = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, value) in settings.SelectMany(some => some))
            merged[name] = value;
        return merged;
    }
}
