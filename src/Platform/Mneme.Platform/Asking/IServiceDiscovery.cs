namespace Mneme.Platform.Asking;

/// <summary>Knows where services answer. Asked before every call, so it answers from memory and learns of changes by itself.</summary>
internal interface IServiceDiscovery
{
    /// <returns>The addresses at which the service is believed to answer at this moment, in no order; empty if none is known.</returns>
    ValueTask<IReadOnlyList<Uri>> FindAsync(string service, CancellationToken ct);
}

/// <summary>What is configured goes first; the rest is for the configured kind of discovery, if any.</summary>
internal sealed class ConfiguredAddresses(AskOptions options, IServiceDiscovery? others) : IServiceDiscovery
{
    private readonly Dictionary<string, IReadOnlyList<Uri>> _addresses =
        options.Addresses.Keys.ToDictionary(service => service, options.AddressesOf, StringComparer.OrdinalIgnoreCase);

    public ValueTask<IReadOnlyList<Uri>> FindAsync(string service, CancellationToken ct) =>
        _addresses.TryGetValue(service, out var addresses) ? ValueTask.FromResult(addresses)
        : others is not null ? others.FindAsync(service, ct)
        : ValueTask.FromResult<IReadOnlyList<Uri>>([]);
}
