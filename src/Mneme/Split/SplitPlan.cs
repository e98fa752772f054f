using System.Globalization;
using Mneme.Platform.Asking;
using Mneme.Platform.Persistence;
using Mneme.Platform.Persistence.Cluster;
using Mneme.Platform.Services;

namespace Mneme.Split;

/// <summary>One process of a split installation.</summary>
/// <param name="Target">The target it serves.</param>
/// <param name="Name">What it is called: its target, and from the second instance on its number, such as <c>study-2</c>.</param>
/// <param name="Port">Its port for HTTP, on loopback but for the gateway's.</param>
/// <param name="Settings">What it is told beyond what is configured anyway, as in the environment.</param>
internal sealed record PlannedProcess(string Target, string Name, int Port, IReadOnlyDictionary<string, string?> Settings);

/// <summary>Which processes a split installation on one machine consists of, and how they find each other. Pure.</summary>
internal static class SplitPlan
{
    /// <param name="catalog">Every service of the system: each gets one process or more.</param>
    /// <param name="options">How many.</param>
    /// <param name="publicPort">The gateway's port.</param>
    /// <param name="common">What every process is told: database, broker, certificates.</param>
    /// <param name="transport">What they ask each other over; over the broker nobody needs an address.</param>
    /// <param name="freePort">Gives a port that nobody uses, another one each time.</param>
    /// <returns>The services, and the gateway last.</returns>
    public static IReadOnlyList<PlannedProcess> Of(
        IReadOnlyList<ServiceDescription> catalog, SplitOptions options, int publicPort, IReadOnlyDictionary<string, string?> common, AskTransport transport, Func<int> freePort)
    {
        var instances = catalog.SelectMany(service => Enumerable.Range(1, options.InstancesOf(service.Name)).Select(number => new Instance(
            service.Name, number == 1 ? service.Name : $"{service.Name}-{Text(number)}", freePort(), freePort(), freePort()))).ToList();
        var services = instances.GroupBy(instance => instance.Service, StringComparer.Ordinal).ToList();
        var addresses = transport == AskTransport.Broker
            ? []
            : services.Select(of => KeyValuePair.Create($"Ask__Addresses__{of.Key}", (string?)string.Join(',', of.Select(instance => $"https://127.0.0.1:{Text(instance.Ask)}")))).ToList();
        var processes = instances.Select(instance => new PlannedProcess(instance.Service, instance.Name, instance.Http, Merge(
            common,
            addresses.Where(address => address.Key != $"Ask__Addresses__{instance.Service}"),
            new Dictionary<string, string?>(StringComparer.Ordinal)
            {
                ["Http__Port"] = Text(instance.Http),
                ["Http__Bind"] = "127.0.0.1",
                ["Http__ManagementPort"] = Text(instance.Management),
                // The gateway's, whose word about the caller's address counts.
                ["Http__TrustedProxies"] = "127.0.0.1",
                ["Ask__Port"] = transport == AskTransport.Broker ? "-1" : Text(instance.Ask),
                ["Ask__Bind"] = "127.0.0.1",
            })));
        var gateway = new PlannedProcess(Targets.Gateway, Targets.Gateway, publicPort, Merge(
            common,
            addresses,
            services.Select(of => KeyValuePair.Create($"Gateway__Destinations__{of.Key}", (string?)string.Join(',', of.Select(instance => $"http://127.0.0.1:{Text(instance.Http)}")))),
            new Dictionary<string, string?>(StringComparer.Ordinal) { ["Http__Port"] = Text(publicPort) }));
        return [.. processes, gateway];
    }

    /// <summary>Connections that the database server has to accept: every process's pool, and a third more for migrations, backups and operators.</summary>
    /// <param name="catalog">Every service of the system.</param>
    /// <param name="options">How many processes each has.</param>
    /// <param name="database">How large a process's pool is.</param>
    public static int Connections(IReadOnlyList<ServiceDescription> catalog, SplitOptions options, DatabaseOptions database) => Math.Max(
        PrivateClusterOptions.MaxConnections,
        catalog.Sum(service => options.InstancesOf(service.Name) * database.PoolSizeOf(service.PoolSize)) * 4 / 3);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static Dictionary<string, string?> Merge(params IEnumerable<IEnumerable<KeyValuePair<string, string?>>> settings)
    {
        var merged = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, value) in settings.SelectMany(some => some))
            merged[name] = value;
        return merged;
    }

    private sealed record Instance(string Service, string Name, int Http, int Ask, int Management);
}
