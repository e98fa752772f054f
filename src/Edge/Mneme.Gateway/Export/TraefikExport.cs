using System.Globalization;
using System.Text;
using Mneme.Platform.Http;

namespace Mneme.Gateway.Export;

/// <summary>The gateway's routing as a dynamic configuration of Traefik 3 (file provider), for installations that have one already.</summary>
internal static class TraefikExport
{
    public static string Write(OperationTable table, GatewayOptions options, HttpOptions http)
    {
        var text = new StringBuilder();
        Line(text, $"""
            # Written by `mneme gateway export --format traefik`, for Traefik 3: a dynamic configuration for its file provider. docs/gateway.md compares it with the gateway
            # of Mneme itself. What belongs into the static configuration:
            #   entryPoints: web (address {http.Bind}:{http.Port}){(options.TlsPort >= 0 ? $", websecure (address {http.Bind}:{options.TlsPort})" : "")}
            # What Traefik does not do here: it verifies no access token (every service does), it has no rate limit per user (every service has), it answers a wrong
            # method with 404, it refuses a body that is too large only after buffering it, and its share for a new version sticks to a cookie, not to a person.
            # For Traefik's addresses to be believed, the services need Http__TrustedProxies.
            http:
              routers:
            """);
        var entryPoint = options.TlsPort >= 0 ? "websecure" : "web";
        foreach (var (operation, index) in table.Operations.Select((operation, index) => (operation, index)))
            Router(text, operation, index, entryPoint, options.TlsPort >= 0);
        if (options.TlsPort >= 0)
            Line(text, "    to-https:\n      entryPoints: [\"web\"]\n      rule: \"PathPrefix(`/`)\"\n      middlewares: [\"to-https\"]\n      service: \"noop@internal\"");
        Middlewares(text, table, options, http);
        Line(text, "  services:");
        foreach (var service in table.Services)
            Service(text, service, options);
        if (options.TlsPort >= 0)
            Line(text, $"tls:\n  certificates:\n    - certFile: {Quoted(options.Certificate!)}\n      keyFile: {Quoted(options.CertificateKey!)}");
        return text.ToString();
    }

    /// <summary>The name of an operation's router.</summary>
    internal static string NameOf(Operation operation, int index) => string.Create(CultureInfo.InvariantCulture, $"{operation.Service}-{index}");

    private static void Router(StringBuilder text, Operation operation, int index, string entryPoint, bool isSecure)
    {
        var methods = string.Join(" || ", operation.Methods.Select(method => $"Method(`{method}`)"));
        var rule = $"({methods}) && PathRegexp(`(?i){PathExpression.Of(operation.PublicPattern)}`)";
        // Everything streams but bodies of declared size: buffering would hold streams and WebSockets back.
        var takesBody = operation.Methods.Any(method => method is "POST" or "PUT" or "PATCH") && operation.Deadline != Timeout.InfiniteTimeSpan;
        List<string> middlewares = ["retry"];
        if (takesBody)
            middlewares.Add(LimitName(operation.BodyLimit));
        if (operation.IsOfProcess)
            middlewares.Add("of-" + operation.Service);
        Line(text, $"""
                {NameOf(operation, index)}:
                  entryPoints: [{Quoted(entryPoint)}]
                  rule: {Quoted(rule)}
                  middlewares: [{string.Join(", ", middlewares.Select(Quoted))}]
                  service: {Quoted(operation.Service)}
            """);
        if (isSecure)
            Line(text, "      tls: {}");
    }

    private static void Middlewares(StringBuilder text, OperationTable table, GatewayOptions options, HttpOptions http)
    {
        Line(text, $"  middlewares:\n    retry:\n      retry:\n        attempts: {options.Retries + 1}\n        initialInterval: \"10ms\"");
        foreach (var limit in table.Operations.Select(operation => operation.BodyLimit).Distinct())
            Line(text, $"    {LimitName(limit)}:\n      buffering:\n        maxRequestBodyBytes: {limit ?? http.MaxBodyBytes}");
        foreach (var service in table.Services)
            Line(text, $"    of-{service}:\n      stripPrefix:\n        prefixes: [{Quoted(OperationTable.PrefixOf(service))}]");
        if (options.TlsPort >= 0)
            Line(text, $"    to-https:\n      redirectScheme:\n        scheme: \"https\"\n        port: \"{options.TlsPort}\"\n        permanent: true");
    }

    private static void Service(StringBuilder text, string service, GatewayOptions options)
    {
        var canary = options.CanaryOf(service);
        if (canary.Count == 0)
        {
            LoadBalancer(text, service, options.DestinationsOf(service), options);
            return;
        }

        // Whole numbers, so in thousandths of a percent.
        var share = (int)Math.Round(options.CanaryWeightOf(service) * 1000);
        Line(text, $"""
                {service}:
                  weighted:
                    services:
                      - name: {Quoted(service + "-stable")}
                        weight: {100_000 - share}
                      - name: {Quoted(service + "-canary")}
                        weight: {share}
                    sticky:
                      cookie:
                        name: {Quoted("mneme-version-" + service)}
                        httpOnly: true
            """);
        LoadBalancer(text, service + "-stable", options.DestinationsOf(service), options);
        LoadBalancer(text, service + "-canary", canary, options);
    }

    private static void LoadBalancer(StringBuilder text, string name, IReadOnlyList<Uri> destinations, GatewayOptions options)
    {
        Line(text, $"    {name}:\n      loadBalancer:\n        passHostHeader: false");
        Line(text, destinations.Count == 0 ? "        servers: []" : "        servers:");
        foreach (var uri in destinations)
            Line(text, $"          - url: {Quoted(uri.ToString())}");
        Line(text, $"        healthCheck:\n          path: {Quoted(ProxyRoutes.ReadinessPath)}\n          interval: {Duration(options.HealthInterval)}\n          timeout: {Duration(options.HealthTimeout)}");
    }

    private static string LimitName(long? limit) => limit is null ? "limit" : string.Create(CultureInfo.InvariantCulture, $"limit-{limit}");

    private static string Duration(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"\"{(long)time.TotalMilliseconds}ms\"");

    /// <summary>A double-quoted YAML scalar.</summary>
    private static string Quoted(string text) => $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";

    private static void Line(StringBuilder text, string line) => text.Append(line).Append('\n');
}
