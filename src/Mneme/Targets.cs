using Mneme.Gateway;
using Mneme.Platform.Asking;
using Mneme.Platform.Messaging;
using Mneme.Platform.Services;

namespace Mneme;

/// <summary>The services that a process runs, chosen by name; or why it may not run exactly these.</summary>
internal sealed record TargetChoice(IReadOnlyList<string> Services, IReadOnlyList<string> Refusals)
{
    public bool IsLegal => Refusals.Count == 0;

    public bool IsGateway => Services is [Targets.Gateway];
}

/// <summary>Decides which services run in a process. Pure: it reads descriptions and starts nothing.</summary>
internal static class Targets
{
    public const string All = "all";

    /// <summary>The gateway stands before other processes, so it is a target of its own and in no other.</summary>
    public const string Gateway = GatewayService.ServiceName;

    /// <summary>Who has a certificate: every service, and the gateway.</summary>
    public static IReadOnlyList<string> WithCertificate { get; } = [.. ServiceCatalog.All.Select(service => service.Name), Gateway];

    /// <param name="target">Comma-separated names of services, or <c>all</c>, or <c>gateway</c>.</param>
    /// <param name="catalog">Every service of the system.</param>
    /// <param name="backend">The configured transport.</param>
    /// <param name="ask">The configured way between processes.</param>
    public static TargetChoice Choose(string target, IReadOnlyList<ServiceDescription> catalog, string backend, AskOptions ask)
    {
        if (ask.Transport == AskTransport.Broker && !ServiceCatalog.AskingBackends.ContainsKey(backend))
            return Refused(CannotCarryAsks(backend));
        var names = target.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Distinct(StringComparer.Ordinal).ToList();
        if (names.Count == 0)
            return Refused("No target is named. Use --target all, or names from --list-targets separated by commas.");
        if (names.Contains(Gateway, StringComparer.Ordinal))
            return ChooseGateway(names, ask);
        var known = catalog.Select(service => service.Name).ToList();
        var unknown = names.Where(name => name != All && !known.Contains(name, StringComparer.Ordinal)).ToList();
        if (unknown.Count > 0)
            return Refused([.. unknown.Select(name => $"There is no target '{name}'. There are: {All}, {string.Join(", ", known)}, {Gateway}.")]);
        var chosen = names.Contains(All, StringComparer.Ordinal) ? known : [.. known.Where(name => names.Contains(name, StringComparer.Ordinal))];
        return new TargetChoice(chosen, backend == MessagingOptions.InProcess ? [.. Missing(chosen, catalog)] : [.. Unreachable(chosen, catalog, ask)]);
    }

    public static string CannotCarryAsks(string backend) =>
        $"Ask__Transport=Broker: asks cannot travel over Messaging__Backend={backend}. Set Ask__Transport=Http, or choose one of {string.Join(", ", ServiceCatalog.AskingBackends.Keys)}.";

    private static TargetChoice ChooseGateway(List<string> names, AskOptions ask)
    {
        if (names.Count > 1)
            return Refused($"The gateway stands before other processes and runs in one of its own: --target {Gateway}, without {string.Join(" and ", names.Where(name => name != Gateway))}.");
        return ask.Reaches("identity")
            ? new TargetChoice([Gateway], [])
            : Refused("The gateway verifies tokens with the keys of identity: say where it answers with Ask__Addresses__identity=https://HOST:PORT, or how to find it with Ask__Discovery.");
    }

    /// <summary>What a service needs to run beside it while there is no broker: the other service, and why.</summary>
    public static IEnumerable<(string Other, string Reason)> Needs(ServiceDescription service, IReadOnlyList<ServiceDescription> catalog)
    {
        foreach (var published in service.Publishes)
        {
            foreach (var subscriber in catalog.Where(other => other.Name != service.Name && Handles(other, published)))
                yield return (subscriber.Name, $"{service.Name} publishes {published.Name}, which {subscriber.Name} reacts to");
        }

        foreach (var subscription in service.Subscriptions)
        {
            foreach (var publisher in catalog.Where(other => other.Name != service.Name && other.Publishes.Contains(subscription.Type)))
                yield return (publisher.Name, $"{service.Name} reacts to {subscription.Type.Name}, which {publisher.Name} publishes");
        }

        foreach (var need in Asked(service, catalog))
            yield return need;
    }

    private static IEnumerable<(string Other, string Reason)> Asked(ServiceDescription service, IReadOnlyList<ServiceDescription> catalog) =>
        from request in service.Asks
        from answering in catalog
        where answering.Name != service.Name && answering.Answers.Any(answer => answer.Type == request)
        select (answering.Name, $"{service.Name} asks {request.Contract.Name} of {answering.Name}");

    private static IEnumerable<string> Missing(IReadOnlyList<string> chosen, IReadOnlyList<ServiceDescription> catalog)
    {
        foreach (var service in catalog.Where(service => chosen.Contains(service.Name, StringComparer.Ordinal)))
        {
            // One reason for each missing neighbour is enough to act upon.
            foreach (var (_, reason) in Needs(service, catalog).Where(need => !chosen.Contains(need.Other, StringComparer.Ordinal)).DistinctBy(need => need.Other))
                yield return $"{reason}; without a broker both must run in one process. Use --target {All}.";
        }
    }

    /// <summary>With a broker events find their way by themselves; for what is asked, the others must be found, and must find the way in here.</summary>
    private static IEnumerable<string> Unreachable(IReadOnlyList<string> chosen, IReadOnlyList<ServiceDescription> catalog, AskOptions ask)
    {
        foreach (var service in ask.Addresses.Keys.Where(name => !catalog.Any(s => string.Equals(s.Name, name, StringComparison.OrdinalIgnoreCase))))
            yield return $"Ask__Addresses__{service}: there is no service '{service}'. There are: {string.Join(", ", catalog.Select(s => s.Name))}.";
        foreach (var service in catalog)
        {
            var isHere = IsChosen(service.Name);
            foreach (var (other, reason) in Asked(service, catalog).Where(need => IsChosen(need.Other) != isHere).DistinctBy(need => need.Other))
            {
                if (isHere && !ask.Reaches(other))
                    yield return $"{reason}, which runs elsewhere: say where with Ask__Addresses__{other}=https://HOST:PORT, or how to find it with Ask__Discovery.";
                else if (!isHere && ask.Port < 0 && ask.Transport == AskTransport.Http)
                    yield return $"{reason}, and it runs elsewhere: choose a port with Ask__Port, on which it asks.";
            }
        }

        bool IsChosen(string name) => chosen.Contains(name, StringComparer.Ordinal);
    }

    private static bool Handles(ServiceDescription service, EventType type) => service.Subscriptions.Any(subscription => subscription.Type == type);

    private static TargetChoice Refused(params IReadOnlyList<string> reasons) => new([], reasons);
}
