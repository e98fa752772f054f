using System.Text.RegularExpressions;
using Mneme.Gateway;
using Mneme.Gateway.Export;
using Mneme.Platform.Http;

namespace Mneme.UnitTests.Gateway;

public sealed class ExportTests(SystemTable system) : IClassFixture<SystemTable>
{
    private static readonly GatewayOptions Options = new()
    {
        Destinations = { ["study"] = "http://10.0.0.5:8080,http://10.0.0.6:8080", ["identity"] = "http://10.0.0.7:8080" },
        Canary = { ["study"] = "http://10.0.0.9:8080" },
        CanaryWeight = { ["study"] = "5" },
        TlsPort = 8443,
        Certificate = "/etc/mneme/tls.pem",
        CertificateKey = "/etc/mneme/tls.pem.key",
    };

    [Theory]
    [InlineData("/api/v1/topics", "/api/v1/topics", true)]
    [InlineData("/api/v1/topics", "/API/v1/Topics/", true)]
    [InlineData("/api/v1/topics", "/api/v1/topics/more", false)]
    [InlineData("/.well-known/jwks.json", "/.well-known/jwks.json", true)]
    [InlineData("/.well-known/jwks.json", "/.well-known/jwksXjson", false)]
    [InlineData("/a/{id:guid}", "/a/3f2504e0-4f89-11d3-9a0c-0305e82c3301", true)]
    [InlineData("/a/{id:guid}", "/a/otters", false)]
    [InlineData("/a/{n:int}/b", "/a/-12/b", true)]
    [InlineData("/a/{n:int}/b", "/a/1.5/b", false)]
    [InlineData("/a/{name}/b", "/a/x/y/b", false)]
    [InlineData("/a/{name?}", "/a", true)]
    [InlineData("/a/{**rest}", "/a/x/y", true)]
    [InlineData("/a/{name}.json", "/a/x.json", true)]
    public void A_pattern_matches_as_it_does_in_the_gateway(string pattern, string path, bool expected) =>
        Regex.IsMatch(path, PathExpression.Of(pattern), RegexOptions.IgnoreCase | RegexOptions.NonBacktracking).ShouldBe(expected);

    [Fact]
    public void Traefik_gets_every_operation_and_every_service()
    {
        var yaml = FlatYaml.Read(TraefikExport.Write(system.Table, Options, new HttpOptions()));
        foreach (var (operation, index) in system.Table.Operations.Select((operation, index) => (operation, index)))
        {
            var router = $"http.routers.{TraefikExport.NameOf(operation, index)}";
            yaml[router + ".service"].ShouldBe($"\"{operation.Service}\"");
            yaml[router + ".rule"].ShouldContain(PathExpression.Of(operation.PublicPattern).Replace(@"\", @"\\", StringComparison.Ordinal));
            foreach (var method in operation.Methods)
                yaml[router + ".rule"].ShouldContain($"Method(`{method}`)");
            yaml[router + ".middlewares"].Contains($"\"of-{operation.Service}\"", StringComparison.Ordinal).ShouldBe(operation.IsOfProcess);
        }

        yaml.Keys.Count(key => key.StartsWith("http.routers.", StringComparison.Ordinal) && key.EndsWith(".rule", StringComparison.Ordinal)).ShouldBe(system.Table.Operations.Count + 1);
        foreach (var service in system.Table.Services.Where(service => service != "study"))
            yaml.ShouldContainKey($"http.services.{service}.loadBalancer.healthCheck.path");
    }

    [Fact]
    public void Traefik_is_told_addresses_canary_health_retries_limits_and_certificate()
    {
        var text = TraefikExport.Write(system.Table, Options, new HttpOptions());
        var yaml = FlatYaml.Read(text);
        text.ShouldContain("- url: \"http://10.0.0.5:8080/\"");
        text.ShouldContain("- url: \"http://10.0.0.6:8080/\"");
        text.ShouldContain("- name: \"study-canary\"\n            weight: 5000");
        text.ShouldContain("- name: \"study-stable\"\n            weight: 95000");
        yaml["http.services.study-canary.loadBalancer.healthCheck.path"].ShouldBe("\"/health/ready\"");
        yaml["http.middlewares.retry.retry.attempts"].ShouldBe("3");
        yaml["http.middlewares.limit.buffering.maxRequestBodyBytes"].ShouldBe("1048576");
        text.ShouldContain("- certFile: \"/etc/mneme/tls.pem\"");
    }

    [Fact]
    public void Haproxy_gets_shares_by_weight_and_a_redirect()
    {
        var text = HaproxyExport.Write(system.Table, Options, new HttpOptions());
        text.ShouldContain("server study-1 10.0.0.5:8080 weight 122\n");
        text.ShouldContain("server study-canary-1 10.0.0.9:8080 weight 13\n");
        text.ShouldContain("bind 127.0.0.1:8443 ssl crt /etc/mneme/tls.pem alpn h2,http/1.1");
        text.ShouldContain("redirect scheme https code 308 if !{ ssl_fc }");
        foreach (var service in system.Table.Services)
            text.ShouldContain($"\nbackend {service}\n");
    }

    /// <summary>Reads the block mappings that the export is made of: leaf by dotted path. Items of lists are left out.</summary>
    private static class FlatYaml
    {
        public static Dictionary<string, string> Read(string text)
        {
            var leaves = new Dictionary<string, string>(StringComparer.Ordinal);
            var path = new List<(int Indent, string Key)>();
            var item = int.MaxValue;
            foreach (var line in text.Split('\n').Where(line => line.Trim() is { Length: > 0 } content && content[0] != '#'))
            {
                line.ShouldNotContain('\t');
                var indent = line.Length - line.TrimStart().Length;
                item = line[indent] == '-' ? Math.Min(item, indent) : indent < item ? int.MaxValue : item;
                if (indent >= item)
                    continue;
                var colon = line.IndexOf(':', StringComparison.Ordinal);
                colon.ShouldBeGreaterThan(indent, line);
                path.RemoveAll(entry => entry.Indent >= indent);
                path.Add((indent, line[indent..colon]));
                if (line[(colon + 1)..].Trim() is { Length: > 0 } value)
                    leaves.TryAdd(string.Join('.', path.Select(entry => entry.Key)), value).ShouldBeTrue(line);
            }

            return leaves;
        }
    }
}
