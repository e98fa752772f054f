using System.Globalization;
using System.Text;
using Mneme.Platform.Http;

namespace Mneme.Gateway.Export;

/// <summary>The gateway's routing as a configuration of HAProxy 2.6 or newer, for installations that have one already.</summary>
internal static class HaproxyExport
{
    private const string Unavailable =
        """{"type":"https://mneme.dev/problems/service-unavailable","title":"Not available at the moment","status":503,"detail":"No instance is available at the moment. Try again.","code":"service-unavailable"}""";

    public static string Write(OperationTable table, GatewayOptions options, HttpOptions http)
    {
        var text = new StringBuilder();
        Line(text, $"""
            # Written by `mneme gateway export --format haproxy`, for HAProxy 2.6 or newer. docs/gateway.md compares it with the gateway of Mneme itself.
            # What HAProxy does not do here: it verifies no access token (every service does), it has no rate limit per user (every service has), it writes no
            # span of its own into traces (the caller's traceparent passes through), and its share for a new version is drawn per request, not per person.
            # A request that another destination may get is kept in a buffer (tune.bufsize, 16 KB); larger ones are sent once.
            # For HAProxy's addresses to be believed, the services need Http__TrustedProxies.

            defaults
                mode http
                timeout connect {Milliseconds(options.ConnectTimeout)}
                timeout client {Milliseconds(options.IdleTimeout)}
                timeout server {Milliseconds(options.IdleTimeout)}
                timeout tunnel {Milliseconds(options.IdleTimeout)}
                timeout http-request 15s
                timeout http-keep-alive 2m
                option redispatch 1
                retries {options.Retries}
                retry-on conn-failure empty-response
                http-error status 503 content-type application/problem+json string '{Unavailable}' hdr Retry-After 2

            frontend mneme
                bind {http.Bind}:{http.Port}
            """);
        if (options.TlsPort >= 0)
        {
            Line(text, $$"""
                    # HAProxy reads the key from {{options.Certificate}}.key, or from the same file.
                    bind {{http.Bind}}:{{options.TlsPort}} ssl crt {{options.Certificate}} alpn h2,http/1.1 ssl-min-ver TLSv1.2
                    http-request redirect scheme https code 308 if !{ ssl_fc } !{ path_beg /health/ }
                    http-response set-header Strict-Transport-Security "max-age=31536000; includeSubDomains" if { ssl_fc }
                """);
        }

        Line(text, """
                http-request del-header Forwarded
                http-request del-header X-Forwarded- -m beg
                http-request del-header X-Real-IP
                option forwardfor
                http-request set-header X-Forwarded-Proto https if { ssl_fc }
                http-request set-header X-Forwarded-Proto http if !{ ssl_fc }
                # Sent again after a lost answer: what does no harm twice.
                http-request disable-l7-retry if { method PATCH } || { method POST } !{ req.hdr(Idempotency-Key) -m found }
                http-request return status 200 content-type application/json string '{"status":"ok"}' if { path /health/live }

            """);
        Routes(text, table, http);
        foreach (var service in table.Services)
            Backend(text, service, options);
        return text.ToString();
    }

    private static void Routes(StringBuilder text, OperationTable table, HttpOptions http)
    {
        foreach (var (service, operations) in ByService(table))
        {
            Line(text, $"    # {service}");
            foreach (var operation in operations)
            {
                var expression = PathExpression.Of(operation.PublicPattern);
                Line(text, $"    acl known path,url_dec -m reg -i '{expression}'");
                foreach (var method in operation.Methods)
                    Line(text, $"    acl {service}-{method} path,url_dec -m reg -i '{expression}'");
                if (operation.BodyLimit is { } limit)
                    Line(text, $"    http-request return status 413 if {{ path,url_dec -m reg -i '{expression}' }} {{ method {string.Join(' ', operation.Methods)} }} {{ req.body_size gt {limit} }}");
                else if (operation.Methods.Any(method => method is "POST" or "PUT" or "PATCH" or "DELETE"))
                    Line(text, $"    acl {service}-limited path,url_dec -m reg -i '{expression}'");
            }

            if (operations.Any(operation => operation.BodyLimit is null && operation.Methods.Any(method => method is "POST" or "PUT" or "PATCH" or "DELETE")))
                Line(text, $"    http-request return status 413 if {service}-limited {{ req.body_size gt {http.MaxBodyBytes} }}");
            foreach (var method in operations.SelectMany(operation => operation.Methods).Distinct(StringComparer.Ordinal))
                Line(text, $"    http-request set-var(txn.service) str({service}) if {{ method {method} }} {service}-{method}");
        }

        Line(text, $"    http-request return status 405 if !{{ var(txn.service) -m found }} known");
        Line(text, "    use_backend %[var(txn.service)] if { var(txn.service) -m found }\n    default_backend unknown\n\nbackend unknown\n    http-request return status 404\n");
    }

    private static void Backend(StringBuilder text, string service, GatewayOptions options)
    {
        Line(text, $"""
            backend {service}
                balance random(2)
                option httpchk
                http-check send meth GET uri {ProxyRoutes.ReadinessPath}
                http-check expect status 200
                timeout check {Milliseconds(options.HealthTimeout)}
                default-server check inter {Milliseconds(options.HealthInterval)} fall {options.HealthFailures} rise 1
            """);
        Line(text, $"    http-request replace-path ^{OperationTable.PrefixOf(service)}(/.*)$ \\1");
        var (stable, canary) = (options.DestinationsOf(service), options.CanaryOf(service));
        var share = canary.Count == 0 ? 0 : options.CanaryWeightOf(service);
        foreach (var (uri, index) in stable.Select((uri, index) => (uri, index)))
            Server(text, $"{service}-{index + 1}", uri, Weight(100 - share, stable.Count));
        foreach (var (uri, index) in canary.Select((uri, index) => (uri, index)))
            Server(text, $"{service}-canary-{index + 1}", uri, Weight(share, canary.Count));
        text.Append('\n');
    }

    private static void Server(StringBuilder text, string name, Uri uri, int weight) =>
        Line(text, $"    server {name} {uri.Host}:{uri.Port} weight {weight}{(uri.Scheme == "https" ? " ssl verify required ca-file @system-ca" : "")}");

    /// <summary>HAProxy's weights are whole numbers up to 256; 0 gets nothing.</summary>
    private static int Weight(double percent, int servers) => percent == 0 ? 0 : Math.Clamp((int)Math.Round(percent * 2.56 / servers), 1, 256);

    private static IEnumerable<(string Service, IReadOnlyList<Operation> Operations)> ByService(OperationTable table) =>
        table.Services.Select(service => (service, (IReadOnlyList<Operation>)[.. table.Operations.Where(operation => operation.Service == service)])).Where(group => group.Item2.Count > 0);

    private static string Milliseconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{(long)time.TotalMilliseconds}ms");

    private static void Line(StringBuilder text, string line) => text.Append(line).Append('\n');
}
