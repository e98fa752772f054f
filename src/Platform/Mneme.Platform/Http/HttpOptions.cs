using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Mneme.Platform.Configuration;

namespace Mneme.Platform.Http;

public sealed class HttpOptions : IOptionsSection
{
    public static string Section => "Http";

    [Description("Port of the public API.")]
    [Range(0, 65535)]
    public int Port { get; set; } = 8080;

    [Description("Address to listen on; 0.0.0.0 for every interface.")]
    public string Bind { get; set; } = "127.0.0.1";

    [Description("The address that people reach this installation under; links in mails begin with it. By default http://localhost and the port.")]
    public Uri? PublicUrl { get; set; }

    [Description("Origins that browsers may call the API from, separated by commas, such as https://learn.example.org.")]
    public string CorsOrigins { get; set; } = "";

    [Description("Addresses of reverse proxies whose X-Forwarded-For and X-Forwarded-Proto are believed, separated by commas.")]
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

    [Description("Port of the management listener (metrics, details of health), on loopback. 0 chooses a free one.")]
    [Range(-1, 65535)]
    public int ManagementPort { get; set; } = 9090;

    [Description("Address of the management listener.")]
    public string ManagementBind { get; set; } = "127.0.0.1";
}
