using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Net;
using Mneme.Platform.Configuration;

namespace Mneme.Platform.Http;

public sealed class HttpOptions : IOptionsSection, IValidatableObject
{
    public static string Section => "Http";

    [Description("Port of the public API.")]
    [Range(0, 65535)]
    public int Port { get; set; } = 8080;

    [Description("Address to listen on; 0.0.0.0 for every interface.")]
    public string Bind { get; set; } = "127.0.0.1";

    [Description("The address that people reach this installation under; links in mails begin with it. By default http://localhost and the port.")]
    public Uri? PublicUrl { get; set; }

    [Description("What a reverse proxy leaves before the paths, such as /mneme; empty if nothing. PROXY_BASE_PATH sets it too.")]
    [RegularExpression("(/[A-Za-z0-9._~-]{1,64}){0,8}", ErrorMessage = "must be a path without a slash at its end, such as /mneme.")]
    public string BasePath { get; set; } = "";

    [Description("Origins that browsers may call the API from, separated by commas, such as https://learn.example.org.")]
    public string CorsOrigins { get; set; } = "";

    [Description("Addresses or networks (10.0.0.0/8) of reverse proxies whose X-Forwarded-For and X-Forwarded-Proto are believed, separated by commas.")]
    public string TrustedProxies { get; set; } = "";

    [Description("Largest body of a request in bytes, for operations that do not set their own limit.")]
    [Range(1024, 1_073_741_824)]
    public long MaxBodyBytes { get; set; } = 1_048_576;

    [Description("Requests that one user may make in a minute.")]
    [Range(1, 10_000_000)]
    public int RequestsPerMinutePerUser { get; set; } = 1200;

    [Description("Requests that one network address may make in a minute without being signed in.")]
    [Range(1, 10_000_000)]
    public int RequestsPerMinutePerAddress { get; set; } = 300;

    [Description("Operations whose requests and answers are logged: methods and paths such as POST /api/v1/auth/*, separated by commas; * is any method, or the rest of a path. Bodies never are.")]
    public string AuditedRoutes { get; set; } = "* /api/v1/admin/*, * /api/v1/messaging/*, * /api/v1/integration-events/*";

    [Description("Time limit of one operation, unless it declares its own.")]
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromSeconds(30);

    [Description("At the end, how long requests are still taken while readiness already fails, so that load balancers notice. Several seconds behind one of them.")]
    [Range(typeof(TimeSpan), "00:00:00", "00:00:25")]
    public TimeSpan DrainDelay { get; set; } = TimeSpan.FromMilliseconds(200);

    [Description("Port of the management listener (metrics, details of health). 0 chooses a free one, -1 turns it off.")]
    [Range(-1, 65535)]
    public int ManagementPort { get; set; } = 9090;

    [Description("Address of the management listener.")]
    public string ManagementBind { get; set; } = "127.0.0.1";

    internal IReadOnlyList<string> CorsOriginList => Split(CorsOrigins);

    internal IReadOnlyList<AuditedRoute> AuditedRouteList => [.. Split(AuditedRoutes).Select(AuditedRoute.TryParse).OfType<AuditedRoute>()];

    internal IReadOnlyList<string> TrustedProxyList => Split(TrustedProxies);

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        foreach (var (name, address) in new[] { (nameof(Bind), Bind), (nameof(ManagementBind), ManagementBind) })
        {
            if (!IPAddress.TryParse(address, out _))
                yield return new ValidationResult($"'{address}' is not an IP address, such as 127.0.0.1 or 0.0.0.0.", [name]);
        }

        foreach (var origin in CorsOriginList)
        {
            if (!Uri.TryCreate(origin, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https") || uri.GetLeftPart(UriPartial.Authority) != origin)
                yield return new ValidationResult($"'{origin}' is not an origin: scheme, host and port only, in lower case, such as https://learn.example.org.", [nameof(CorsOrigins)]);
        }

        foreach (var route in Split(AuditedRoutes).Where(route => AuditedRoute.TryParse(route) is null))
            yield return new ValidationResult($"'{route}' is not a method and a path, such as POST /api/v1/auth/* or * /api/v1/admin/*.", [nameof(AuditedRoutes)]);

        foreach (var proxy in TrustedProxyList)
        {
            if (!IPNetwork.TryParse(proxy, out _) && !IPAddress.TryParse(proxy, out _))
                yield return new ValidationResult($"'{proxy}' is neither an IP address nor a network such as 10.0.0.0/8.", [nameof(TrustedProxies)]);
        }
    }

    private static string[] Split(string list) => list.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
