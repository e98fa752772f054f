using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Mneme.Platform.Configuration;

namespace Mneme.Gateway;

/// <summary>How the gateway finds the services for which no destinations are configured.</summary>
public enum DestinationDiscovery
{
    /// <summary>It does not: they are unavailable.</summary>
    Addresses,

    /// <summary>Consul knows them, because they have registered there.</summary>
    Consul,
}

/// <summary>Where the services are that the gateway stands before, and how it treats them. Only read by <c>--target gateway</c>.</summary>
public sealed class GatewayOptions : IOptionsSection, IValidatableObject
{
    public static string Section => "Gateway";

    [Description("Where the services' public APIs are, such as Gateway__Destinations__study=http://10.0.0.5:8080,http://10.0.0.6:8080. One process may serve several services.")]
    public Dictionary<string, string> Destinations { get; set; } = new(StringComparer.OrdinalIgnoreCase);

    [Description("How services are found that Destinations does not name: Addresses (not at all), or Consul, by Ask__Consul__Url, Token, Prefix and Wait.")]
    public DestinationDiscovery Discovery { get; set; } = DestinationDiscovery.Addresses;

    [Description("Where a new version of a service is tried out, such as Gateway__Canary__study=http://10.0.0.9:8080.")]
    public Dictionary<string, string> Canary { get; set; } = new(StringComparer.OrdinalIgnoreCase);

    [Description("How many percent of the people the new version gets, such as Gateway__CanaryWeight__study=5. One person stays on one version.")]
    public Dictionary<string, string> CanaryWeight { get; set; } = new(StringComparer.OrdinalIgnoreCase);

    [Description("Whether host names in destinations are looked up and every address behind them is a destination of its own.")]
    public bool ResolveDns { get; set; }

    [Description("With ResolveDns: how often names are looked up anew.")]
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan DnsRefresh { get; set; } = TimeSpan.FromSeconds(10);

    [Description("How often each destination's /health/ready is asked.")]
    [Range(typeof(TimeSpan), "00:00:00.100", "00:10:00")]
    public TimeSpan HealthInterval { get; set; } = TimeSpan.FromSeconds(5);

    [Description("After how long an unanswered question for health counts as a failure.")]
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00")]
    public TimeSpan HealthTimeout { get; set; } = TimeSpan.FromSeconds(2);

    [Description("After how many failures in a row a destination gets no more requests, until it answers again.")]
    [Range(1, 100)]
    public int HealthFailures { get; set; } = 2;

    [Description("How long a destination is left alone to which requests could not be sent.")]
    [Range(typeof(TimeSpan), "00:00:00.100", "00:10:00")]
    public TimeSpan FailurePause { get; set; } = TimeSpan.FromSeconds(2);

    [Description("How often one request is sent all the same while no destination of a service looks healthy; the others are answered 503 at once. An answer ends this.")]
    [Range(typeof(TimeSpan), "00:00:00.050", "00:01:00")]
    public TimeSpan TrialInterval { get; set; } = TimeSpan.FromMilliseconds(250);

    [Description("How often a request is sent to another destination when the connection failed before an answer. Only what may be repeated, with a body of at most 65536 bytes.")]
    [Range(0, 5)]
    public int Retries { get; set; } = 2;

    [Description("Time limit for connecting to a destination.")]
    [Range(typeof(TimeSpan), "00:00:00.100", "00:00:30")]
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(2);

    [Description("How long a stream or a WebSocket may be silent before it is closed.")]
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromMinutes(5);

    [Description("Port for HTTPS; the plain one then redirects to it. 0 chooses a free one, -1 turns it off.")]
    [Range(-1, 65535)]
    public int TlsPort { get; set; } = -1;

    [Description("File with the certificate for HTTPS and those between it and the authority (PEM). Read again when it changes.")]
    public string? Certificate { get; set; }

    [Description("File with the certificate's private key (PEM, without a passphrase).")]
    public string? CertificateKey { get; set; }

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        foreach (var (setting, map) in new[] { (nameof(Destinations), Destinations), (nameof(Canary), Canary) })
        {
            foreach (var (service, addresses) in map)
            {
                foreach (var address in Split(addresses).DefaultIfEmpty(""))
                {
                    if (!Uri.TryCreate(address, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https") || uri.PathAndQuery != "/" || uri.UserInfo.Length > 0)
                        yield return new ValidationResult($"'{address}' is not an address such as http://10.0.0.5:8080.", [$"{setting}__{service}"]);
                }
            }
        }

        foreach (var service in Canary.Keys.Where(service => !IsFound(service) && !Destinations.ContainsKey(service)))
            yield return new ValidationResult($"needs Gateway__Destinations__{service}, where those go who do not get the new version.", [$"{nameof(Canary)}__{service}"]);
        foreach (var (service, weight) in CanaryWeight)
        {
            if (!TryParseWeight(weight, out _))
                yield return new ValidationResult($"'{weight}' is not a share from 0 to 100 percent.", [$"{nameof(CanaryWeight)}__{service}"]);
            else if (!IsFound(service) && !Canary.ContainsKey(service))
                yield return new ValidationResult($"needs Gateway__Canary__{service}, where the new version is.", [$"{nameof(CanaryWeight)}__{service}"]);
        }

        if (TlsPort >= 0 && (string.IsNullOrEmpty(Certificate) || string.IsNullOrEmpty(CertificateKey)))
            yield return new ValidationResult("needs Gateway__Certificate and Gateway__CertificateKey.", [nameof(TlsPort)]);
    }

    /// <summary>The destinations of a service; empty if none is configured.</summary>
    internal IReadOnlyList<Uri> DestinationsOf(string service) => AddressesIn(Destinations, service);

    /// <summary>Whether a service's destinations are looked for: none are configured.</summary>
    internal bool IsFound(string service) =>
        Discovery == DestinationDiscovery.Consul && !Destinations.Any(entry => string.Equals(entry.Key, service, StringComparison.OrdinalIgnoreCase) && Split(entry.Value).Length > 0);

    /// <summary>Where the new version of a service is; empty if none is tried out.</summary>
    internal IReadOnlyList<Uri> CanaryOf(string service) => AddressesIn(Canary, service);

    /// <summary>Percent of the people that get the new version, 0 to 100.</summary>
    internal double CanaryWeightOf(string service) => CanaryWeight.GetValueOrDefault(service) is { } weight && TryParseWeight(weight, out var percent) ? percent : 0;

    /// <summary>Services that are configured here and that the system does not have.</summary>
    internal IEnumerable<string> UnknownServices(IReadOnlyCollection<string> services) =>
        Destinations.Keys.Concat(Canary.Keys).Concat(CanaryWeight.Keys).Distinct(StringComparer.OrdinalIgnoreCase).Where(name => !services.Contains(name, StringComparer.OrdinalIgnoreCase));

    private static IReadOnlyList<Uri> AddressesIn(Dictionary<string, string> map, string service) =>
        [.. map.Where(entry => string.Equals(entry.Key, service, StringComparison.OrdinalIgnoreCase)).SelectMany(entry => Split(entry.Value)).Select(address => new Uri(address))];

    private static bool TryParseWeight(string text, out double percent) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out percent) && percent is >= 0 and <= 100;

    private static string[] Split(string list) => list.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
