using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Net;
using Mneme.Platform.Configuration;

namespace Mneme.Platform.Asking;

/// <summary>How the addresses of services in other processes are found.</summary>
public enum AskDiscovery
{
    /// <summary>They are configured.</summary>
    Addresses,

    /// <summary>The name service knows them.</summary>
    Dns,

    /// <summary>Consul knows them, and this process registers its own, with their public API.</summary>
    Consul,
}

/// <summary>What asks travel over between processes.</summary>
public enum AskTransport
{
    /// <summary>HTTP/2 with mutual TLS, from process to process.</summary>
    Http,

    /// <summary>The broker that the events travel over; each message is signed.</summary>
    Broker,
}

public sealed class AskOptions : IOptionsSection, IValidatableObject
{
    public static string Section => "Ask";

    [Description("What services in other processes are asked over, and ask over: Http, or Broker with a Messaging__Backend of rabbitmq or redis. With Broker no addresses are needed. ASK_TRANSPORT sets it too.")]
    public AskTransport Transport { get; set; } = AskTransport.Http;

    [Description("With Broker: how many requests each service of a process answers at a time; more wait on the broker.")]
    [Range(1, 10_000)]
    public int Concurrency { get; set; } = 100;

    [Description("Port on which services in other processes ask those in this one. 0 chooses a free one, -1 turns it off.")]
    [Range(-1, 65535)]
    public int Port { get; set; } = -1;

    [Description("Address of the listener for asking; 0.0.0.0 for every interface.")]
    public string Bind { get; set; } = "127.0.0.1";

    [Description("Where services in other processes answer, such as Ask__Addresses__study=https://10.0.0.5:7443,https://10.0.0.6:7443. They go before what discovery finds.")]
    public Dictionary<string, string> Addresses { get; set; } = new(StringComparer.OrdinalIgnoreCase);

    [Description("How the addresses of other services are found: Addresses (only those that are configured), Dns or Consul. With Consul this process also registers its own services there, for asking and with their public API.")]
    public AskDiscovery Discovery { get; set; } = AskDiscovery.Addresses;

    [Description("With Dns: the name that is looked up; {service} stands for the service.")]
    public string DnsPattern { get; set; } = "{service}.mneme.svc";

    [Description("With Dns: the port at which the services answer.")]
    [Range(1, 65535)]
    public int DnsPort { get; set; } = 7443;

    [Description("With Dns: how often names are looked up anew.")]
    [Range(typeof(TimeSpan), "00:00:00.050", "00:10:00")]
    public TimeSpan DnsRefresh { get; set; } = TimeSpan.FromSeconds(10);

    public ConsulOptions Consul { get; set; } = new();

    [Description("How often an ask is repeated that was certainly not sent, or that may be asked twice.")]
    [Range(0, 10)]
    public int Retries { get; set; } = 3;

    [Description("Pause before the first repetition; it doubles each time, with jitter, to at most a second.")]
    [Range(typeof(TimeSpan), "00:00:00.001", "00:00:01")]
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromMilliseconds(50);

    [Description("Time limit for connecting to an address.")]
    [Range(typeof(TimeSpan), "00:00:00.100", "00:00:30")]
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(2);

    [Description("How long a connection is used; a renewed certificate and a changed address are in use everywhere within this time.")]
    [Range(typeof(TimeSpan), "00:00:00.050", "01:00:00")]
    public TimeSpan ConnectionLifetime { get; set; } = TimeSpan.FromMinutes(2);

    [Description("Calls to one address within ten seconds from which on it is left alone if half of them fail.")]
    [Range(2, 1000)]
    public int BreakerThroughput { get; set; } = 4;

    [Description("How long an address is left alone before it is tried again.")]
    [Range(typeof(TimeSpan), "00:00:00.500", "00:05:00")]
    public TimeSpan BreakerPause { get; set; } = TimeSpan.FromSeconds(5);

    [Description("Largest request or answer in bytes.")]
    [Range(65_536, 1_073_741_824)]
    public int MaxBytes { get; set; } = 67_108_864;

    /// <summary>Whether it is known where a service answers that does not run here, or how to find out.</summary>
    public bool Reaches(string service) => Transport == AskTransport.Broker || Discovery != AskDiscovery.Addresses || AddressesOf(service).Count > 0;

    /// <summary>Whether there is a way to services in other processes at all.</summary>
    public bool IsConfigured => Transport == AskTransport.Broker || Discovery != AskDiscovery.Addresses || Addresses.Count > 0;

    /// <summary>The configured addresses of a service.</summary>
    public IReadOnlyList<Uri> AddressesOf(string service) =>
        [.. Addresses.Where(a => string.Equals(a.Key, service, StringComparison.OrdinalIgnoreCase)).SelectMany(a => Split(a.Value)).Select(address => new Uri(address))];

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (!IPAddress.TryParse(Bind, out _))
            yield return new ValidationResult($"'{Bind}' is not an IP address, such as 127.0.0.1 or 0.0.0.0.", [nameof(Bind)]);
        foreach (var (service, addresses) in Addresses)
        {
            foreach (var address in Split(addresses).DefaultIfEmpty(""))
            {
                if (!Uri.TryCreate(address, UriKind.Absolute, out var uri) || uri.Scheme != Uri.UriSchemeHttps || uri.PathAndQuery != "/")
                    yield return new ValidationResult($"'{address}' is not an address such as https://10.0.0.5:7443.", [$"{nameof(Addresses)}__{service}"]);
            }
        }

        if (!DnsPattern.Contains("{service}", StringComparison.Ordinal))
            yield return new ValidationResult("must contain {service}.", [nameof(DnsPattern)]);
        if (Discovery == AskDiscovery.Consul && Port >= 0 && Consul.Advertise is null && IPAddress.TryParse(Bind, out var bind) && (bind.Equals(IPAddress.Any) || bind.Equals(IPAddress.IPv6Any)))
            yield return new ValidationResult("is needed: the listener is on every interface, and the others must be told one address of this machine.", [$"{nameof(Consul)}__{nameof(ConsulOptions.Advertise)}"]);
    }

    private static string[] Split(string list) => list.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}

public sealed class ConsulOptions
{
    [Description("Address of the Consul agent on this machine.")]
    public Uri Url { get; set; } = new("http://127.0.0.1:8500");

    [Description("Token for Consul's access control.")]
    [Secret]
    public string? Token { get; set; }

    [Description("What the names of services in Consul begin with.")]
    public string Prefix { get; set; } = "mneme-";

    [Description("Address of this machine that others reach it by. By default Ask__Bind, and for the public API Http__Bind.")]
    public string? Advertise { get; set; }

    [Description("Tags that this process's services get in Consul, separated by commas. Those with the tag canary are a new version to the gateway: Gateway__CanaryWeight.")]
    public string Tags { get; set; } = "";

    [Description("After how long without a sign of life Consul takes this process for dead; it gives one every third of it.")]
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan Ttl { get; set; } = TimeSpan.FromSeconds(15);

    [Description("How long a query waits for a change.")]
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan Wait { get; set; } = TimeSpan.FromSeconds(60);

    internal IReadOnlyList<string> TagList => Tags.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>The name in Consul under which a service is asked by others.</summary>
    public string AskNameOf(string service) => Prefix + service;

    /// <summary>The name in Consul of a service's public API. One of its own, as another port with another protocol has there: who looks for the one must never get the other.</summary>
    public string HttpNameOf(string service) => $"{Prefix}{service}-http";
}
