using System.Globalization;
using System.Text;
using OpenTelemetry.Metrics;

namespace Mneme.Platform.Observability;

/// <summary>
/// Metrics in Prometheus' text format 0.0.4, with names as OpenTelemetry's specification maps them
/// (https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/): units in words, <c>_total</c> for counters, cumulative buckets.
/// </summary>
internal sealed class PrometheusText
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    // The runtime declares these as counters, although they rise and fall.
    private static readonly string[] Falling = ["dotnet.thread_pool.thread.count", "dotnet.thread_pool.queue.length"];

    // Several meters may have a metric of one name; the format allows one block for each.
    private readonly SortedDictionary<string, Family> _families = new(StringComparer.Ordinal);

    public void Add(Metric metric)
    {
        var type = Falling.Contains(metric.Name) ? "gauge" : TypeOf(metric.MetricType);
        if (type is null)
            return;
        var name = PrometheusName.Of(metric.Name, metric.Unit, type);
        if (!_families.TryGetValue(name, out var family))
            _families[name] = family = new Family(type, metric.Description);
        if (family.Type != type)
            return;
        foreach (var point in metric.GetMetricPoints())
            Write(family.Lines, name, metric, point);
    }

    public byte[] ToUtf8()
    {
        var text = new StringBuilder();
        foreach (var (name, family) in _families)
        {
            text.Append("# HELP ").Append(name).Append(' ').Append(Help(family.Help, name)).Append('\n');
            text.Append("# TYPE ").Append(name).Append(' ').Append(family.Type).Append('\n');
            text.Append(family.Lines);
        }

        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private static string? TypeOf(MetricType type) => type switch
    {
        MetricType.LongSum or MetricType.DoubleSum => "counter",
        MetricType.LongSumNonMonotonic or MetricType.DoubleSumNonMonotonic or MetricType.LongGauge or MetricType.DoubleGauge => "gauge",
        MetricType.Histogram => "histogram",
        _ => null,
    };

    private static void Write(StringBuilder lines, string name, Metric metric, MetricPoint point)
    {
        var labels = Labels(metric, point);
        if (metric.MetricType == MetricType.Histogram)
        {
            long count = 0;
            foreach (var bucket in point.GetHistogramBuckets())
            {
                count += bucket.BucketCount;
                Line(lines, name + "_bucket", Join(labels, $"le=\"{Number(bucket.ExplicitBound)}\""), count);
            }

            Line(lines, name + "_sum", labels, point.GetHistogramSum());
            Line(lines, name + "_count", labels, count);
            return;
        }

        Line(lines, name, labels, metric.MetricType switch
        {
            MetricType.LongSum or MetricType.LongSumNonMonotonic => point.GetSumLong(),
            MetricType.DoubleSum or MetricType.DoubleSumNonMonotonic => point.GetSumDouble(),
            MetricType.LongGauge => point.GetGaugeLastValueLong(),
            _ => point.GetGaugeLastValueDouble(),
        });
    }

    private static void Line(StringBuilder lines, string name, string labels, double value)
    {
        lines.Append(name);
        if (labels.Length > 0)
            lines.Append('{').Append(labels).Append('}');
        lines.Append(' ').Append(Number(value)).Append('\n');
    }

    private static string Join(string labels, string label) => labels.Length == 0 ? label : labels + "," + label;

    private static string Labels(Metric metric, MetricPoint point)
    {
        var labels = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (key, value) in metric.MeterTags ?? [])
            labels[PrometheusName.OfLabel(key)] = LogLine.Text(value) ?? "";
        foreach (var (key, value) in point.Tags)
            labels[PrometheusName.OfLabel(key)] = value is bool flag ? flag ? "true" : "false" : LogLine.Text(value) ?? "";
        return string.Join(',', labels.Select(label => $"{label.Key}=\"{Escape(label.Value)}\""));
    }

    private static string Escape(string value) => value.Replace("\\", @"\\", StringComparison.Ordinal).Replace("\n", @"\n", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);

    private static string Help(string? help, string name) =>
        string.IsNullOrWhiteSpace(help) ? name : help.Replace("\\", @"\\", StringComparison.Ordinal).Replace("\r", "", StringComparison.Ordinal).Replace("\n", @"\n", StringComparison.Ordinal);

    private static string Number(double value) => value switch
    {
        double.PositiveInfinity => "+Inf",
        double.NegativeInfinity => "-Inf",
        _ => double.IsNaN(value) ? "NaN" : value.ToString("R", CultureInfo.InvariantCulture),
    };

    private sealed record Family(string Type, string? Help)
    {
        public StringBuilder Lines { get; } = new();
    }
}
