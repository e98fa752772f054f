using System.Diagnostics.Metrics;
using System.Text;
using Mneme.Platform.Observability;
using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace Mneme.UnitTests.Platform.Observability;

public sealed class PrometheusTextTests
{
    [Theory]
    [InlineData("http.server.request.duration", "s", "histogram", "http_server_request_duration_seconds")]
    [InlineData("mneme.events.handled", "{event}", "counter", "mneme_events_handled_total")]
    [InlineData("already.total", null, "counter", "already_total")]
    [InlineData("dotnet.gc.pause.time", "s", "counter", "dotnet_gc_pause_time_seconds_total")]
    [InlineData("dotnet.process.memory.working_set", "By", "gauge", "dotnet_process_memory_working_set_bytes")]
    [InlineData("dotnet.thread_pool.thread.count", "{thread}", "gauge", "dotnet_thread_pool_threads")]
    [InlineData("dotnet.assembly.count", "{assembly}", "gauge", "dotnet_assemblies")]
    [InlineData("cache.hit", "1", "gauge", "cache_hit_ratio")]
    [InlineData("cache.hits", "1", "counter", "cache_hits_total")]
    [InlineData("rate", "{request}/s", "gauge", "rate_per_second")]
    [InlineData("speed", "By/s", "gauge", "speed_bytes_per_second")]
    [InlineData("odd--name  x", null, "gauge", "odd_name_x")]
    [InlineData("7.days", "d", "gauge", "_7_days")]
    public void Names_follow_the_specification(string name, string? unit, string type, string expected) => PrometheusName.Of(name, unit, type).ShouldBe(expected);

    [Fact]
    public void Values_labels_and_help_are_written_as_the_format_says()
    {
        using var meter = new Meter("Test." + Guid.NewGuid());
        var counter = meter.CreateCounter<long>("cards.generated", "{card}", "Cards that were \\ generated\nby a model.");
        meter.CreateObservableGauge("temperature", () => new Measurement<double>(-1.5, new KeyValuePair<string, object?>("room.name", "a\"b\\c\nd")), "Cel", null);
        var histogram = meter.CreateHistogram("took", "s", "How long.", advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.1, 1] });
        var text = Collect(meter, () =>
        {
            counter.Add(3, new KeyValuePair<string, object?>("provider", "offline"));
            counter.Add(4, new KeyValuePair<string, object?>("provider", "offline"));
            histogram.Record(0.05);
            histogram.Record(0.5);
            histogram.Record(0.25);
            histogram.Record(7);
        });
        text.ShouldBe("""
            # HELP cards_generated_total Cards that were \\ generated\nby a model.
            # TYPE cards_generated_total counter
            cards_generated_total{provider="offline"} 7
            # HELP temperature_celsius temperature_celsius
            # TYPE temperature_celsius gauge
            temperature_celsius{room_name="a\"b\\c\nd"} -1.5
            # HELP took_seconds How long.
            # TYPE took_seconds histogram
            took_seconds_bucket{le="0.1"} 1
            took_seconds_bucket{le="1"} 3
            took_seconds_bucket{le="+Inf"} 4
            took_seconds_sum 7.8
            took_seconds_count 4

            """.ReplaceLineEndings("\n"));
    }

    private static string Collect(Meter meter, Action record)
    {
        var exporter = new TextExporter();
        using var reader = new BaseExportingMetricReader(exporter);
        using var provider = Sdk.CreateMeterProviderBuilder().AddMeter(meter.Name).AddReader(reader).Build();
        record();
        reader.Collect();
        return exporter.Text;
    }

    private sealed class TextExporter : BaseExporter<Metric>
    {
        public string Text { get; private set; } = "";

        public override ExportResult Export(in Batch<Metric> batch)
        {
            var text = new PrometheusText();
            foreach (var metric in batch)
                text.Add(metric);
            Text = Encoding.UTF8.GetString(text.ToUtf8());
            return ExportResult.Success;
        }
    }
}
