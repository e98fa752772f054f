using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Reflection;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Mneme.IntegrationTests.Support;
using Mneme.Platform.Hosting;
using Mneme.Platform.Observability;
using Mneme.UnitTests;

namespace Mneme.IntegrationTests.Platform.Observability;

/// <summary>The dashboard and the alerts of <c>deploy/monitoring</c> speak of metrics that there are.</summary>
public sealed partial class DashboardTests(SharedApplication shared)
{
    // Prometheus' own.
    private static readonly string[] Foreign = ["up"];

    [Theory]
    [InlineData("grafana/dashboards/mneme.json")]
    [InlineData("alerts.yml")]
    public async Task Every_metric_that_is_named_exists(string file)
    {
        var text = File.ReadAllText(Repository.File("deploy/monitoring/" + file));
        var expressions = file.EndsWith(".json", StringComparison.Ordinal) ? InDashboard(text) : [text];
        var named = expressions.SelectMany(expression => Metric().Matches(expression).Select(match => match.Value)).Distinct(StringComparer.Ordinal).ToList();
        named.Count.ShouldBeGreaterThan(8);

        using (var client = new HttpClient { BaseAddress = shared.App.Address })
            (await client.GetAsync("/api/v1/nowhere")).StatusCode.ShouldBe(System.Net.HttpStatusCode.NotFound);
        using var management = new HttpClient { BaseAddress = shared.App.Services.GetRequiredService<ManagementListener>().Address };
        // A request is measured when it is over, which may be after its answer.
        var metrics = "";
        await Eventually.TrueAsync(async () => (metrics = await management.GetStringAsync("/metrics")).Contains("# TYPE http_server_request_duration_seconds", StringComparison.Ordinal), "the request is measured");
        var shown = Families().Matches(metrics).SelectMany(match => Series(match.Groups[1].Value, match.Groups[2].Value));
        named.Except([.. shown, .. Declared(), .. Foreign]).ShouldBeEmpty($"deploy/monitoring/{file} names metrics that the program does not have");
    }

    [Fact]
    public void The_dashboard_asks_the_sources_that_are_provisioned()
    {
        var dashboard = JsonSerializer.Deserialize<JsonElement>(File.ReadAllText(Repository.File("deploy/monitoring/grafana/dashboards/mneme.json")));
        var sources = File.ReadAllText(Repository.File("deploy/monitoring/grafana/datasources/mneme.yml"));
        var panels = dashboard.GetProperty("panels").EnumerateArray().ToList();
        panels.Count.ShouldBeGreaterThan(10);
        panels.Select(panel => panel.GetProperty("id").GetInt32()).Distinct().Count().ShouldBe(panels.Count);
        foreach (var panel in panels)
            sources.ShouldContain($"uid: {panel.GetProperty("datasource").GetProperty("uid").GetString()}\n");
    }

    [Fact]
    public async Task Promtool_accepts_the_scrape_configuration_the_rules_and_the_dashboards_expressions()
    {
        await PromtoolAsync("config", Repository.File("deploy/monitoring/prometheus.yml"));

        var expressions = InDashboard(File.ReadAllText(Repository.File("deploy/monitoring/grafana/dashboards/mneme.json")))
            .Select((expression, i) => new { record = $"panel:{i}", expr = expression.Replace("$__rate_interval", "5m", StringComparison.Ordinal).Replace("$target", ".*", StringComparison.Ordinal) });
        var rules = Path.Combine(Path.GetTempPath(), $"mneme-{Guid.NewGuid():n}.yml");
        try
        {
            // JSON is YAML.
            await File.WriteAllTextAsync(rules, JsonSerializer.Serialize(new { groups = new[] { new { name = "dashboard", rules = expressions } } }));
            await PromtoolAsync("rules", rules);
        }
        finally
        {
            File.Delete(rules);
        }
    }

    private static async Task PromtoolAsync(string kind, string file)
    {
        using var promtool = Process.Start(new ProcessStartInfo("promtool", ["check", kind, file]) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false })!;
        var errors = promtool.StandardError.ReadToEndAsync();
        var output = await promtool.StandardOutput.ReadToEndAsync() + await errors;
        await promtool.WaitForExitAsync();
        promtool.ExitCode.ShouldBe(0, output);
    }

    private static IEnumerable<string> InDashboard(string json) => JsonSerializer.Deserialize<JsonElement>(json).GetProperty("panels").EnumerateArray()
        .Where(panel => panel.GetProperty("datasource").GetProperty("type").GetString() == "prometheus")
        .SelectMany(panel => panel.GetProperty("targets").EnumerateArray()).Select(target => target.GetProperty("expr").GetString()!);

    /// <summary>Metrics of ours that show only once something has happened: as the program declares and names them.</summary>
    private static IEnumerable<string> Declared()
    {
        foreach (var file in Directory.GetFiles(AppContext.BaseDirectory, "Mneme.*.dll").Where(file => !Path.GetFileName(file).Contains("Tests", StringComparison.Ordinal)))
        {
            var instruments = Assembly.LoadFrom(file).GetTypes().Where(type => !type.ContainsGenericParameters).SelectMany(type => type.GetFields(BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public))
                .Where(field => typeof(Instrument).IsAssignableFrom(field.FieldType)).Select(field => (Instrument)field.GetValue(null)!);
            foreach (var instrument in instruments)
            {
                var kind = instrument.GetType().Name.Split('`')[0];
                var type = kind.Contains("UpDown", StringComparison.Ordinal) || kind.Contains("Gauge", StringComparison.Ordinal) ? "gauge" : kind.Contains("Counter", StringComparison.Ordinal) ? "counter" : "histogram";
                foreach (var series in Series(PrometheusName.Of(instrument.Name, instrument.Unit, type), type))
                    yield return series;
            }
        }
    }

    private static string[] Series(string name, string type) => type == "histogram" ? [$"{name}_bucket", $"{name}_sum", $"{name}_count"] : [name];

    /// <summary>Names with the beginnings that ours and the libraries' have, where they are not labels.</summary>
    [GeneratedRegex(@"\b(?:up(?=\{)|(?:mneme|http|kestrel|dotnet|db_client)_[a-z0-9_]+\b(?!\s*[=!,)]))")]
    private static partial Regex Metric();

    [GeneratedRegex(@"^# TYPE (\S+) (\S+)$", RegexOptions.Multiline)]
    private static partial Regex Families();
}
